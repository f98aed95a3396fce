/** `decisions/DM-<id>.md`: the page of one decision, written anew from its entry and its history. Pure. */
import type { DecisionEntry } from '@spec-kitty/contracts/files/decision'

const LOG = '## Change log'

/** `before` is the page as it is, for its change log; `change` is the new line of it. */
export function printArtifact(entry: DecisionEntry, before: string | undefined, change: string): string {
  const time = (value: string | null): string | null => value?.replace(/Z$/, '+00:00') ?? null
  const text = (value: string | null): string => (value === null || value === '' ? '_(none)_' : value)
  const place = entry.step_id === null ? ['Slot key', entry.slot_key] : ['Step id', entry.step_id]
  const bullets: readonly (readonly [string, string | null])[] = [
    ['Mission', entry.mission_slug],
    ['Origin flow', entry.origin_flow],
    [place[0] ?? '', place[1] ?? null],
    ['Input key', entry.input_key],
    ['Status', entry.status],
    ['Created', time(entry.created_at)],
    ['Resolved', time(entry.resolved_at)],
    ['Resolved by', entry.resolved_by],
    ['Opened by', entry.opened_by],
    ['Other answer', String(entry.other_answer)],
  ]
  const options =
    entry.options.length === 0 ? '_(none)_' : entry.options.map(option => `- ${option}`).join('\n')
  return [
    `# Decision Moment \`${entry.decision_id}\``,
    bullets.flatMap(([name, value]) => (value === null ? [] : [`- **${name}:** \`${value}\``])).join('\n'),
    `## Question\n\n${entry.question}`,
    `## Options\n\n${options}`,
    `## Final answer\n\n${text(entry.final_answer)}`,
    `## Rationale\n\n${text(entry.rationale)}`,
    `${LOG}\n\n${[...history(before), change].join('\n')}\n`,
  ].join('\n\n')
}

function history(before: string | undefined): readonly string[] {
  const start = before?.indexOf(`${LOG}\n`) ?? -1
  if (before === undefined || start < 0) return []
  return before
    .slice(start + LOG.length)
    .split('\n')
    .filter(line => line.startsWith('- '))
}
