/** The files a move writes beside the log: the work package's own, and the verdict of a review. */
import type { NewTransition } from '@spec-kitty/contracts/files/events'
import type { JsonObject } from '@spec-kitty/contracts/json'
import {
  cyclePath,
  cyclePointer,
  isRejected,
  type NewCycle,
  overrideCycle,
  printCycle,
} from '../../repo/review/cycle.ts'
import { addActivity } from '../../repo/tasks/activity.ts'
import { editFrontMatter, type FieldEdits, printFrontMatter } from '../../repo/tasks/front-matter.ts'
import { plainWords } from '../../repo/tasks/lists.ts'
import { agentEdit } from '../../repo/tasks/work-package.ts'
import type { Change } from '../../world/change.ts'
import type { Ports } from '../../world/ports.ts'
import type { MoveFacts } from './facts.ts'
import { approvesNow, type MoveRequest } from './request.ts'

export interface VerdictPlan {
  readonly changes: readonly Change[]
  /** What the event points at: the feedback of a rejection. */
  readonly pointer: string | undefined
}

const NOTHING: VerdictPlan = { changes: [], pointer: undefined }

/**
 * Feedback becomes a rejected cycle. An approval after a rejection becomes an approved one, so that no gate meets
 * the old verdict again; `--skip-review-artifact-check` puts the old one aside instead.
 */
export async function planVerdict(
  ports: Ports,
  facts: MoveFacts,
  request: MoveRequest,
  at: string,
): Promise<VerdictPlan> {
  const { mission, wp, cycle, feedback } = facts
  const number = (cycle?.number ?? 0) + 1
  const about = { number, missionSlug: mission.slug, wpId: wp.id, at }
  const named = request.reviewer ?? request.agent
  if (feedback !== undefined) {
    const reviewer = named ?? 'unknown'
    const changes = write(facts, { ...about, verdict: 'rejected', reviewer, feedback })
    return { changes, pointer: cyclePointer(mission, wp.stem, number) }
  }
  if (cycle === undefined || !isRejected(cycle)) return NOTHING
  if (request.skipReviewArtifactCheck === true && request.note !== undefined) {
    const override = { at, actor: request.agent ?? 'operator', wpId: wp.id, reason: request.note }
    const content = await overrideCycle(ports, cycle, override)
    return { ...NOTHING, changes: [{ kind: 'write_file', path: cycle.path, content, expect: cycle.text }] }
  }
  if (!approvesNow(facts, request)) return NOTHING
  const reviewer = named ?? facts.gitUser ?? 'user'
  const approved = request.note ?? 'Approved.'
  return {
    ...NOTHING,
    changes: write(facts, { ...about, verdict: 'approved', reviewer, feedback: approved }),
  }
}

function write({ mission, wp }: MoveFacts, cycle: NewCycle): readonly Change[] {
  const path = cyclePath(mission, wp.stem, cycle.number)
  return [{ kind: 'write_file', path, content: printCycle(cycle), expect: null }]
}

/**
 * Front matter scalars and one activity entry. `fields` are those that the log is to agree with.
 * Later editions let the log alone say who has a package, and take front matter that says otherwise for an older
 * claim: 3.2.7 writes it into the log at `accept`. Where one of them works, nobody is named once nobody has the package.
 */
export async function planWpFile(
  ports: Ports,
  { wp, status }: MoveFacts,
  request: MoveRequest,
  { at, actor, to_lane: to }: Pick<NewTransition, 'at' | 'actor' | 'to_lane'>,
): Promise<{ readonly change: Change; readonly fields: JsonObject }> {
  const { agent, assignee, shellPid, note, trackerRef = [] } = request
  const named = agentEdit(wp.file.fields, agent)
  const given = Object.entries({ ...named, assignee, shell_pid: shellPid }).filter(
    ([, value]) => value !== undefined,
  )
  const refs = trackerRef.length === 0 ? [] : [...plainWords(wp, 'tracker_refs'), ...trackerRef]
  const tracker = refs.length === 0 ? {} : { tracker_refs: [...new Set(refs)] }
  const edits: FieldEdits = { ...Object.fromEntries(given), ...tracker }
  const edited = await editFrontMatter(ports, wp.file, edits)
  const free = status.shared && (to === 'planned' || to === 'for_review')
  const left = free
    ? await editFrontMatter(ports, edited, { agent: undefined, shell_pid: undefined })
    : edited
  const entry = { at, actor, shellPid, note: note ?? `Moved to ${request.to}` }
  const content = printFrontMatter(addActivity(left, entry))
  const change = { kind: 'write_file', path: wp.path, content, expect: printFrontMatter(wp.file) } as const
  return { change, fields: edited.fields }
}
