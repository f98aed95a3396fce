/** What a pull request says of a mission: all that its reviewer would have to look up. */
import type { Transition } from '@spec-kitty/contracts/files/events'
import { isArray, isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import type { MergeFacts } from '../merge/facts.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { fixedIssues } from '../repo/tasks/issue-matrix.ts'
import { requirementIds, requirementText } from '../repo/tasks/requirements.ts'
import { readWorkPackages, type WorkPackage } from '../repo/tasks/work-package.ts'
import { join } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'

/** A pull request takes no longer one; what a forge would cut off in the middle we end with a word. */
const LONGEST = 60_000

export interface PullRequestWords {
  readonly title: string
  /** Markdown. */
  readonly body: string
}

type Facts = Pick<MergeFacts, 'mission' | 'log' | 'states' | 'options'>

/** `trailers`: the last lines of the commit that lands, with who has part in it; `notes`: what it does beside. Reads files only. */
export async function pullRequestWords(
  ports: Pick<Ports, 'files' | 'yaml'>,
  facts: Facts,
  trailers: readonly string[],
  notes: readonly string[],
): Promise<PullRequestWords> {
  const { mission, options } = facts
  const packages = (await readWorkPackages(ports, mission)).found
  const spec = ports.files.text(missionPaths(mission).spec) ?? ''
  const title = missionTitle(facts)
  const purpose = [mission.meta.purpose_tldr, mission.meta.purpose_context]
    .filter(isText)
    .filter(text => text.trim() !== title && !/^This mission advances /.test(text))
  const fixed = fixedIssues(ports.files.text(join(mission.dir, 'issue-matrix.md')))
  const closes = issuesOf(packages, fixed, [title, ...purpose, options.message ?? ''])
  const parts = [
    ...purpose,
    requirements(spec, packages),
    workPackages(facts, packages),
    commandsRun(mission.meta.acceptance_history),
    notes.join('\n'),
    closes.map(issue => `Closes ${issue}`).join('\n'),
    trailers.join('\n'),
  ]
  const body = parts.filter(text => text !== '').join('\n\n')
  return { title, body: body.length <= LONGEST ? body : `${body.slice(0, LONGEST)}\n\n… cut here.` }
}

/** One line: what was asked for, else what the mission is called. */
export function missionTitle({ mission, options }: Pick<Facts, 'mission' | 'options'>): string {
  const words = [options.message, mission.meta.friendly_name, mission.slug].find(isText) ?? mission.slug
  return words.trim().split('\n')[0] ?? mission.slug
}

function requirements(spec: string, packages: readonly WorkPackage[]): string {
  const ids = requirementIds(spec).filter(id => id.startsWith('FR-'))
  if (ids.length === 0) return ''
  const rows = ids.map(id => {
    const by = packages.filter(wp => wp.requirementRefs.includes(id)).map(wp => wp.id)
    return row([id, requirementText(spec, id) ?? '', by.join(', ')])
  })
  return ['## Requirements', '', row(['Id', 'What', 'Built in']), '|---|---|---|', ...rows].join('\n')
}

function workPackages({ log, states }: Facts, packages: readonly WorkPackage[]): string {
  const rows = packages
    .filter(({ id }) => ['approved', 'done'].includes(states.get(id) ?? ''))
    .map(({ id, title, agent }) => {
      const { reviewer, verdict } = reviewOf(log.approvals.get(id))
      return row([id, title, agent ?? '', reviewer, verdict])
    })
  const head = row(['Package', 'Title', 'Built by', 'Reviewed by', 'Verdict'])
  return ['## Work packages', '', head, '|---|---|---|---|---|', ...rows].join('\n')
}

function reviewOf(approval: Transition | undefined): { readonly reviewer: string; readonly verdict: string } {
  const evidence = isObject(approval?.evidence) ? approval.evidence.review : undefined
  const review: JsonObject = isObject(evidence) ? evidence : {}
  const reviewer = isText(review.reviewer) ? review.reviewer : String(approval?.actor ?? '')
  return { reviewer, verdict: isText(review.verdict) ? review.verdict : 'approved' }
}

/** What was run when the mission was accepted. */
function commandsRun(history: Json | undefined): string {
  const last = isArray(history) ? history.findLast(isObject) : undefined
  const commands =
    isObject(last) && isArray(last.validation_commands) ? last.validation_commands.filter(isText) : []
  if (commands.length === 0) return ''
  return [
    '## Checked with',
    '',
    ...commands.map(command => `    ${command.replaceAll('\n', '\n    ')}`),
  ].join('\n')
}

const ISSUE = /^(?:[\w.-]+\/[\w.-]+)?#\d+$|^https?:\/\/\S+\/(?:issues|work_items)\/\d+$/

/** Issues that packages are tied to; beside them what the mission's matrix calls fixed, else those that its own words name. */
function issuesOf(
  packages: readonly WorkPackage[],
  fixed: readonly string[] | undefined,
  words: readonly string[],
): readonly string[] {
  const tied = packages.flatMap(({ file }) => {
    const refs = file.fields.tracker_refs
    return (isArray(refs) ? refs : [refs]).filter(isText).map(text => text.trim())
  })
  const named = fixed ?? words.flatMap(text => text.match(/(?:^|(?<=[\s(]))#\d{1,6}\b/g) ?? [])
  return [...new Set([...tied.filter(text => ISSUE.test(text)), ...named])]
}

/** A row of a table: nothing in a cell may end it. */
function row(cells: readonly string[]): string {
  return `| ${cells.map(cell => cell.replace(/\s+/g, ' ').replaceAll('|', '\\|').trim()).join(' | ')} |`
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}
