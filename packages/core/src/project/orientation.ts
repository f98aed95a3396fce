/** The few lines an agent reads at every start (under 1 KB); everything else is fetched when needed. */
import { withLineEndsOf } from '../text/line-ends.ts'
import type { Agent } from './agents.ts'

const OPEN = '<!-- spec-kitty:orientation -->'
const CLOSE = '<!-- /spec-kitty:orientation -->'

/** The block between its two markers, with a final newline. The same for all: several agents read AGENTS.md. */
export const ORIENTATION = `${OPEN}
## Spec Kitty

Work here is planned in missions (\`kitty-specs/\`) and built in worktrees below \`.worktrees/\`.
Where things stand: \`spec-kitty agent tasks status\`. What to do now: \`spec-kitty next\`. How: \`spec-kitty instructions\`.
Change states only by \`spec-kitty\` commands, never in \`status.events.jsonl\`. When one refuses, do what its hint says.
${CLOSE}
`

/** `text` with our block: in the place of an older one, else at the end. Everything around it stays. */
export function withOrientation(text: string | undefined, agent: Agent): string {
  if (text === undefined) return header(agent) + ORIENTATION
  const start = text.indexOf(OPEN)
  const end = text.indexOf(CLOSE)
  if (start >= 0 && end > start)
    return text.slice(0, start) + withLineEndsOf(ORIENTATION.trimEnd(), text) + text.slice(end + CLOSE.length)
  return text + orientationGap(text) + withLineEndsOf(ORIENTATION, text)
}

/** What stands between a user's text and our block behind it: an empty line. */
export function orientationGap(text: string): string {
  return text === '' || text.endsWith('\n\n') ? '' : text.endsWith('\n') ? '\n' : '\n\n'
}

/** Our block as it stands in `text`, with a final newline; undefined when there is none. */
export function findOrientation(text: string): string | undefined {
  const start = text.indexOf(OPEN)
  const end = text.indexOf(CLOSE)
  return start >= 0 && end > start ? `${text.slice(start, end + CLOSE.length)}\n` : undefined
}

/**
 * `text` without our block and the gap before it (absent: we made the file). Undefined when nothing of the user's
 * is left, so that the file can go.
 */
export function withoutOrientation(text: string, gap: string | undefined, agent: Agent): string | undefined {
  const start = text.indexOf(OPEN)
  const end = text.indexOf(CLOSE)
  if (start < 0 || end < start) return text
  const before = text.slice(0, start)
  const kept =
    gap !== undefined && before.endsWith(gap) ? before.slice(0, before.length - gap.length) : before
  const rest = kept + text.slice(end + CLOSE.length).replace(/^\r?\n/, '')
  return gap === undefined && (rest.trim() === '' || rest === header(agent)) ? undefined : rest
}

/** Cursor reads a rule at every start only when its front matter says so. */
function header(agent: Agent): string {
  return agent.key === 'cursor' ? '---\ndescription: Spec Kitty\nalwaysApply: true\n---\n' : ''
}
