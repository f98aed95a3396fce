/** What is wrong with the log of a mission and with what is derived from it (docs/log.md). Pure below the reading. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { isTerminal } from '@spec-kitty/contracts/lanes'
import { part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import type { Finding, Mend } from '../repo/finding.ts'
import { actorName } from '../repo/log/actor.ts'
import { eachRow, isTerminated, type LogText, scanLog } from '../repo/log/log.ts'
import { type Reduction, reduceLog, stateOf } from '../repo/log/reduce.ts'
import { repairLog } from '../repo/log/repair.ts'
import { printSnapshot, readSnapshotText, snapshotOf } from '../repo/log/snapshot.ts'
import type { Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import { listWpIds, type WorkPackages } from '../repo/tasks/work-package.ts'
import { join, relativeTo } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { daysBetween } from './lifecycle.ts'
import { judgeLog, snapshotDrift } from './validate.ts'

/** A finding about the log, or about what is derived from it. */
export interface LogFinding extends Finding {
  readonly code:
    | 'log_corrupt'
    | 'log_unterminated'
    | 'log_invalid'
    | 'log_doubtful'
    | 'materialization_drift'
    | 'derived_view_drift'
    | 'stale_claim'
    | 'orphan_workspace'
    | 'uninitialized_status'
    | 'review_independence'
    | 'wp_malformed'
  readonly fix: Remedy
}

/** Days after which nobody is taken to be going on with it. */
export interface StaleLimits {
  readonly claimed: number
  readonly inProgress: number
}

export const STALE: StaleLimits = { claimed: 7, inProgress: 14 }

/** Everything the diagnosis looks at. */
export interface LogFacts {
  readonly mission: Mission
  readonly text: LogText
  readonly snapshotText: string | undefined
  /** `.kittify/derived/<slug>/status.json`. */
  readonly derivedText: string | undefined
  readonly wpIds: readonly string[]
  /** Directories of the mission's lane worktrees, by name. */
  readonly worktrees: readonly string[]
  readonly now: string
}

/** The files of work packages that cannot be read. */
export function unreadPackages(project: Project, unread: WorkPackages['unread']): readonly LogFinding[] {
  return unread.map(({ id, error }) => {
    const path = typeof error.data.path === 'string' ? error.data.path : null
    const shown = path?.startsWith('/') ? relativeTo(project.root, path) : path
    const fix = error.hint ?? sh`Mend this file in an editor`
    return { ...found('error', 'wp_malformed', error.message, fix), path: shown, wp: id }
  })
}

/** Reads what lies beside the log `text`. */
export function readLogFacts(
  ports: Pick<Ports, 'files' | 'clock'>,
  project: Project,
  mission: Mission,
  text: LogText,
): LogFacts {
  const worktrees = ports.files.list(join(project.root, '.worktrees'))
  return {
    mission,
    text,
    snapshotText: readSnapshotText(ports, mission),
    derivedText: ports.files.text(join(project.root, '.kittify/derived', mission.slug, 'status.json')),
    wpIds: listWpIds(ports, mission),
    worktrees: worktrees.filter(name => name.startsWith(`${mission.slug}-lane-`)),
    now: ports.clock.now(),
  }
}

/** All findings. A log that cannot be read hides everything that is derived from it. */
export function diagnose(facts: LogFacts, limits: StaleLimits): readonly LogFinding[] {
  const path = `${facts.mission.rel}/status.events.jsonl`
  const corrupt = corruption(facts)
  const found = corrupt === undefined ? diagnoseReadable(facts, limits) : [corrupt]
  return found.map(one => ({ ...one, path, mission: facts.mission.slug }))
}

function diagnoseReadable(facts: LogFacts, limits: StaleLimits): readonly LogFinding[] {
  const reduction = reduceLog(facts.text)
  return [
    ...unterminated(facts),
    ...invalid(facts),
    ...drift(facts, reduction),
    ...staleClaims(facts, reduction, limits),
    ...orphanWorkspaces(facts, reduction),
    ...uninitialized(facts, reduction),
    ...selfApprovals(facts.text),
  ]
}

function corruption({ text, mission }: LogFacts): LogFinding | undefined {
  try {
    eachRow(text, () => true)
    return undefined
  } catch (error) {
    if (!(error instanceof KittyError)) throw error
    if (error.code === 'log_corrupt' && repairLog(text).remaining === undefined)
      return found('error', 'log_corrupt', error.message, repairOf(mission), mendOf(mission))
    const path = join(mission.dir, 'status.events.jsonl')
    const otherwise = sh`Correct the line by hand`
    const say = (command: Remedy) => sh`${part(otherwise)}, or take the last good log: ${part(command)}`
    const restore = { path, read: reduceLog, otherwise, say }
    return { ...found('error', 'log_corrupt', error.message, otherwise), restore }
  }
}

function unterminated({ text, mission }: LogFacts): readonly LogFinding[] {
  if (isTerminated(text)) return []
  const message = 'The log has no line feed at the end of its last line'
  return [found('warning', 'log_unterminated', message, repairOf(mission), mendOf(mission))]
}

/** All that `agent status validate` says about the events: what it lets pass leaves a mission healthy here too. */
function invalid({ text, wpIds, mission }: LogFacts): readonly LogFinding[] {
  const { errors, warnings, unowned } = judgeLog(text, wpIds, mission.id)
  const path = `${mission.rel}/status.events.jsonl`
  const action = sh`Correct the event by hand in ${path}, then: spec-kitty agent status materialize --mission ${mission.slug}`
  const look = sh`See what came before it: git log -p -- ${path}`
  return [
    ...errors.map(message => found('error', 'log_invalid', message, action)),
    ...warnings.map(message => found('info', 'log_doubtful', message, look)),
    ...unowned.map(wp => ({
      ...found('info', 'log_doubtful', `${wp} has events, but no work package file`, look),
      wp,
    })),
  ]
}

function drift(facts: LogFacts, reduction: Reduction): readonly LogFinding[] {
  const { mission, derivedText, text, snapshotText } = facts
  if (mission.coordination !== null) return []
  const again = sh`spec-kitty agent status materialize --mission ${mission.slug}`
  const drifted = snapshotDrift(text, snapshotText, mission).map(message =>
    found('warning', 'materialization_drift', message, again, mendOf(mission)),
  )
  if (derivedText === undefined || derivedText === printSnapshot(snapshotOf(reduction, mission)))
    return drifted
  const message = `.kittify/derived/${mission.slug} is behind the log`
  const action = sh`spec-kitty materialize --mission ${mission.slug}`
  return [...drifted, found('warning', 'derived_view_drift', message, action)]
}

function staleClaims(
  { mission, now }: LogFacts,
  reduction: Reduction,
  limits: StaleLimits,
): readonly LogFinding[] {
  const limitOf = { claimed: limits.claimed, in_progress: limits.inProgress }
  return [...reduction.workPackages].flatMap(([wp, { lane, last_transition_at: since, actor }]) => {
    if (lane !== 'claimed' && lane !== 'in_progress') return []
    const days = daysBetween(since, now)
    if (days === null || days < limitOf[lane]) return []
    const message = `${wp} is ${lane} by ${actorName(actor)} for ${days} days`
    const action = sh`Go on with it, or put it aside: spec-kitty agent status emit ${wp} --to blocked --actor NAME --mission ${mission.slug}`
    return [{ ...found('warning', 'stale_claim', message, action), wp }]
  })
}

function orphanWorkspaces({ worktrees, mission }: LogFacts, reduction: Reduction): readonly LogFinding[] {
  const states = [...reduction.workPackages.values()]
  if (states.length === 0 || !states.every(state => isTerminal(state.lane))) return []
  return worktrees.map(name => {
    const message = `Every work package of ${mission.slug} is finished, but its worktree .worktrees/${name} is there`
    const action = sh`When nothing in it is needed: git worktree remove .worktrees/${name}`
    return found('warning', 'orphan_workspace', message, action)
  })
}

function uninitialized({ wpIds, mission }: LogFacts, reduction: Reduction): readonly LogFinding[] {
  const action = sh`spec-kitty agent mission finalize-tasks --mission ${mission.slug}`
  return wpIds
    .filter(wp => stateOf(reduction, wp) === undefined)
    .map(wp => ({
      ...found('warning', 'uninitialized_status', `${wp} has no event in the log`, action),
      wp,
    }))
}

/** Recorded by a reviewer who had to approve work of his own: told, not held against anybody. */
function selfApprovals(text: LogText): readonly LogFinding[] {
  const approvals: LogFinding[] = []
  for (const { value } of scanLog(text)) {
    if (value.event_type !== 'ReviewerSelfApproval') continue
    const payload = (value.payload ?? {}) as JsonObject
    const wp = typeof payload.wp_id === 'string' ? { wp: payload.wp_id } : {}
    const message = `${wp.wp ?? 'A work package'} was approved by the one who made it (${String(payload.failure_reason)})`
    const action = sh`Have somebody else look at it`
    approvals.push({ ...found('info', 'review_independence', message, action), ...wp })
  }
  return approvals
}

function repairOf(mission: Mission): Remedy {
  return sh`spec-kitty agent status doctor --fix --mission ${mission.slug}`
}

function mendOf(mission: Mission): Mend {
  return { kind: 'status', slug: mission.slug }
}

function found(
  severity: Finding['severity'],
  code: LogFinding['code'],
  message: string,
  fix: Remedy,
  mend?: Mend,
): LogFinding {
  return { code, severity, path: null, message, fix, ...(mend === undefined ? {} : { mend }) }
}
