/** The stack (ADR 0008): for every id the strategies in their order; the first that knows it decides. Pure. */
import type { MarkStatus, TaskFormat, TaskIdResult } from '@spec-kitty/contracts/cli/mark-status'
import type { NewTransition } from '@spec-kitty/contracts/files/events'
import {
  openBlock,
  parseTasks,
  printTasks,
  type TasksDocument,
  wpSections,
} from '../../repo/tasks/document.ts'
import { readBox, type TaskState } from '../../repo/tasks/rows.ts'
import { idOfRow, tableRows } from '../../repo/tasks/table.ts'
import { sameWp } from '../../text/wp-id.ts'
import { checkbox } from './checkbox.ts'
import { inlineSubtasks } from './inline-subtasks.ts'
import { pipeTable } from './pipe-table.ts'
import type { TextStrategy } from './verdict.ts'
import { type WpLog, wpId } from './wp-id.ts'

/** An id as asked for: bare, with what its qualifier says about the mission. */
export interface AskedId {
  /** Upper case when it looks like an id, else as typed. */
  readonly id: string
  /** The work package whose task is meant, where several number theirs anew. */
  readonly wp?: string | undefined
  /** Why it cannot be looked for here; undefined when it can. */
  readonly refusal?: string | undefined
}

export interface Resolution {
  readonly document: TasksDocument
  readonly events: readonly NewTransition[]
  readonly answer: MarkStatus
}

const TEXT_STRATEGIES: readonly (readonly [TaskFormat, TextStrategy])[] = [
  ['checkbox', checkbox],
  ['pipe_table', pipeTable],
  ['inline_subtasks', inlineSubtasks],
]

/** Resolves every id on top of what the ones before it changed. Without a log no work package is known. */
export function resolveIds(
  document: TasksDocument,
  log: WpLog | undefined,
  asked: readonly AskedId[],
  state: TaskState,
): Resolution {
  let current = document
  const events: NewTransition[] = []
  const moved = new Map<string, NewTransition>()
  const ahead = log === undefined ? undefined : withMoves(log, moved)
  const owners = ownersOf(document)
  const results = asked.map(({ id, wp, refusal }): TaskIdResult => {
    const problem = refusal ?? (wp === undefined ? ambiguity(id, owners.get(id)) : undefined)
    if (problem !== undefined) return { id, outcome: 'not_found', format: null, message: problem }
    for (const [format, strategy] of TEXT_STRATEGIES) {
      const verdict = strategy(wp === undefined ? current : only(current, wp), id, state)
      if (verdict === undefined) continue
      // What was put out of sight comes back with the text.
      if (verdict.kind === 'edit')
        current = wp === undefined ? verdict.document : parseTasks(printTasks(verdict.document))
      return {
        id,
        outcome: verdict.kind === 'edit' ? 'updated' : 'already_satisfied',
        format,
        message: verdict.message,
      }
    }
    const verdict = ahead === undefined ? undefined : wpId(ahead, id, state)
    if (verdict === undefined) return elsewhere(id, wp, owners.get(id)) ?? unknown(id, document)
    if (verdict.kind === 'transition') {
      events.push(verdict.event)
      moved.set(verdict.event.wp_id, verdict.event)
    }
    return { id, outcome: WP_OUTCOME[verdict.kind], format: 'wp_id', message: verdict.message }
  })
  return { document: current, events, answer: { results, summary: summarize(results) } }
}

/** The log as it will be: an id that is named twice is moved once. */
function withMoves(log: WpLog, moved: ReadonlyMap<string, NewTransition>): WpLog {
  return {
    ...log,
    standing: wp => {
      const event = moved.get(wp)
      return event === undefined ? log.standing(wp) : { lane: event.to_lane, holder: event.actor }
    },
  }
}

const WP_OUTCOME = { transition: 'updated', satisfied: 'already_satisfied', refused: 'not_found' } as const

/** Which work packages have a row of an id in their sections. */
function ownersOf(document: TasksDocument): ReadonlyMap<string, ReadonlySet<string>> {
  const owners = new Map<string, Set<string>>()
  for (const { wp, start, end } of wpSections(document)) {
    for (const line of document.lines.slice(start, end)) {
      const id = readBox(line)?.id
      if (id !== undefined) owners.set(id, (owners.get(id) ?? new Set<string>()).add(wp))
    }
  }
  return owners
}

/** Two packages that number their tasks alike: ticking both would tell of work that nobody did. */
function ambiguity(id: string, owners: ReadonlySet<string> | undefined): string | undefined {
  const [first, second] = owners ?? []
  if (first === undefined || second === undefined) return undefined
  return `${id} stands in ${[...(owners ?? [])].join(' and ')}: name one of them, such as ${first}/${id}.`
}

/** The document with nothing to be seen but the sections of one work package. */
function only(document: TasksDocument, wp: string): TasksDocument {
  const sections = wpSections(document).filter(section => sameWp(section.wp, wp))
  const inside = (i: number): boolean => sections.some(({ start, end }) => start <= i && i < end)
  return {
    ...document,
    lines: document.lines.map((line, i) => (inside(i) ? line : { ...line, hidden: true })),
  }
}

/** The package that was named has no such task, another one has. */
function elsewhere(
  id: string,
  wp: string | undefined,
  owners: ReadonlySet<string> | undefined,
): TaskIdResult | undefined {
  if (wp === undefined || owners === undefined) return undefined
  const message = `${wp} has no ${id}; it stands in ${[...owners].join(' and ')}: ${[...owners][0]}/${id}.`
  return { id, outcome: 'not_found', format: null, message }
}

/** Says where the id stands in a form that cannot be ticked, or which ids there are. */
function unknown(id: string, document: TasksDocument): TaskIdResult {
  const wanted = id.toUpperCase()
  const at = document.lines.findIndex(({ text }) => namesId(text.toUpperCase(), wanted))
  const open = openBlock(document)
  const where =
    at >= 0
      ? ` Line ${at + 1} of tasks.md names it in a form that cannot be ticked: ${shorten(document.lines[at]?.text ?? '')}.`
      : there(document)
  const hidden = open === undefined ? '' : ` In tasks.md ${open}.`
  const message = `${id} was not found in any supported task format.${where}${hidden}`
  return { id, outcome: 'not_found', format: null, message }
}

function namesId(text: string, id: string): boolean {
  for (let at = text.indexOf(id); at >= 0; at = text.indexOf(id, at + 1)) {
    if (!/\w/.test(text[at - 1] ?? '') && !/\w/.test(text[at + id.length] ?? '')) return true
  }
  return false
}

function shorten(text: string): string {
  return text.trim().length > 120 ? `${text.trim().slice(0, 120)}…` : text.trim()
}

function there(document: TasksDocument): string {
  const boxes = document.lines.flatMap(line => readBox(line)?.id ?? [])
  const ids = [...new Set([...boxes, ...tableRows(document).flatMap(row => idOfRow(row) ?? [])])]
  return ids.length === 0 ? '' : ` There are: ${ids.slice(0, 12).join(', ')}${ids.length > 12 ? ', …' : ''}.`
}

function summarize(results: readonly TaskIdResult[]): MarkStatus['summary'] {
  const count = (outcome: TaskIdResult['outcome']): number =>
    results.filter(result => result.outcome === outcome).length
  return {
    updated: count('updated'),
    already_satisfied: count('already_satisfied'),
    not_found: count('not_found'),
  }
}
