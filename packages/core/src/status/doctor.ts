/** `agent status doctor`: what is wrong with the status of a mission, and `--fix` (docs/log.md). */

import type { AgentStatusDoctor } from '@spec-kitty/contracts/cli/status-doctor'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { isTerminal } from '@spec-kitty/contracts/lanes'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { actorName } from '../repo/log/actor.ts'
import { eachRow, isTerminated, type LogText, scanLog, wholeLog } from '../repo/log/log.ts'
import { type Reduction, reduceLog, stateOf } from '../repo/log/reduce.ts'
import { repairLog } from '../repo/log/repair.ts'
import { printSnapshot, snapshotOf, styleOf } from '../repo/log/snapshot.ts'
import { readMissionLog } from '../repo/log/source.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import { openOperation } from '../repo/project/open-operation.ts'
import { listWpIds } from '../repo/tasks/work-package.ts'
import { join } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { write } from '../write/write.ts'
import { daysBetween } from './lifecycle.ts'
import { judgeLog, snapshotDrift } from './validate.ts'

export interface DoctorFinding {
  /** `info` leaves a mission healthy. */
  readonly severity: 'error' | 'warning' | 'info'
  readonly category:
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
  readonly wp_id: string | null
  readonly message: string
  readonly recommended_action: Remedy
}

export interface DoctorInput {
  readonly mission?: string | undefined
  readonly fix?: boolean | undefined
  readonly staleClaimedDays?: number | undefined
  readonly staleInProgressDays?: number | undefined
  readonly autoCommit?: boolean | undefined
}

interface Limits {
  readonly claimed: number
  readonly inProgress: number
}

/** Everything the diagnosis looks at. */
export interface DoctorFacts {
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

/** Reads and judges; with `fix` mends what can be mended without losing an event, and commits that. */
export async function statusDoctor(ports: Ports, input: DoctorInput): Promise<AgentStatusDoctor> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const mission = resolveMission(ports, project, input.mission)
  const limits = { claimed: input.staleClaimedDays ?? 7, inProgress: input.staleInProgressDays ?? 14 }
  if (input.fix !== true) {
    return conclude(mission, await look(ports, project, mission, limits), [], null)
  }
  return write(ports, input, async scene => {
    const facts = await doctorFacts(ports, project, scene.mission)
    const mend = planMend(ports, project, facts)
    // While a merge or rebase is open the log belongs to the commit that ends it.
    const open = mend.changes.length > 0 && openOperation(ports.files, project.top) !== undefined
    const { log, snapshot } = missionPaths(mission)
    const left = open ? [sh`Left for your open merge or rebase to commit: git add ${mission.rel}`] : []
    const findings = diagnose({ ...facts, ...mend.after }, limits)
    return {
      files: mend.changes,
      message: open ? undefined : `chore(spec-kitty): repair status of ${mission.slug}`,
      paths: mend.changes.length === 0 ? [] : [log, snapshot],
      answer: conclude(scene.mission, findings, [...mend.fixed, ...left], mend.backup),
    }
  })
}

/** The diagnosis; a log that is no text is the one finding then. */
async function look(
  ports: Ports,
  project: Project,
  mission: Mission,
  limits: Limits,
): Promise<readonly DoctorFinding[]> {
  try {
    return diagnose(await doctorFacts(ports, project, mission), limits)
  } catch (error) {
    if (!(error instanceof KittyError) || error.code !== 'not_utf8') throw error
    const action = sh`Mend these bytes of the log in an editor, or put back a copy that is whole: git log -- ${mission.rel}`
    return [finding('error', 'log_corrupt', null, error.message, action)]
  }
}

function conclude(
  mission: Mission,
  findings: readonly DoctorFinding[],
  fixed: readonly string[],
  backup: string | null,
): AgentStatusDoctor {
  const healthy = findings.every(finding => finding.severity === 'info')
  return { mission_slug: mission.slug, healthy, global_runtime: [], findings, fixed, backup }
}

async function doctorFacts(ports: Ports, project: Project, mission: Mission): Promise<DoctorFacts> {
  const worktrees = ports.files.list(join(project.root, '.worktrees'))
  return {
    mission,
    text: (await readMissionLog(ports, project, mission)).text,
    snapshotText: ports.files.text(missionPaths(mission).snapshot),
    derivedText: ports.files.text(join(project.root, '.kittify/derived', mission.slug, 'status.json')),
    wpIds: listWpIds(ports, mission),
    worktrees: worktrees.filter(name => name.startsWith(`${mission.slug}-lane-`)),
    now: ports.clock.now(),
  }
}

/* ------------------------------------------------------------------ mending */

interface Mend {
  readonly changes: readonly Change[]
  readonly fixed: readonly string[]
  readonly backup: string | null
  readonly after: Pick<DoctorFacts, 'text' | 'snapshotText'>
}

function planMend(ports: Pick<Ports, 'files'>, project: Project, facts: DoctorFacts): Mend {
  const { mission } = facts
  const { log, snapshot } = missionPaths(mission)
  const repair = repairLog(facts.text)
  const changes: Change[] = []
  const fixed = [...repair.actions]
  const backup = repair.actions.length === 0 ? null : backupPath(project, mission, facts.now)
  const before = backup === null ? undefined : ports.files.bytes(log)
  if (backup !== null && before !== undefined) {
    changes.push({ kind: 'write_file', path: backup, content: before })
    changes.push({ kind: 'write_file', path: log, content: wholeLog(repair.text), expect: before })
  }
  let { snapshotText } = facts
  if (repair.remaining === undefined && snapshotDrift(repair.text, snapshotText, mission).length > 0) {
    snapshotText = printSnapshot(snapshotOf(reduceLog(repair.text), mission, styleOf(snapshotText)))
    changes.push({ kind: 'write_file', path: snapshot, content: snapshotText })
    fixed.push('Wrote status.json from the log')
  }
  return { changes, fixed, backup, after: { text: repair.text, snapshotText } }
}

/** In the git directory: a copy beside the log would be one more stray file in the user's tree. */
function backupPath(project: Project, mission: Mission, now: string): string {
  const stamp = now.slice(0, 26).replace(/[^0-9T]/g, '')
  return join(project.commonDir, 'spec-kitty-backups', `${mission.slug}.status.events.${stamp}.jsonl`)
}

/* ---------------------------------------------------------------- diagnosis */

/** All findings: pure. A log that cannot be read hides everything that is derived from it. */
export function diagnose(facts: DoctorFacts, limits: Limits): readonly DoctorFinding[] {
  const corrupt = corruption(facts)
  if (corrupt !== undefined) return [corrupt]
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

function corruption({ text, mission }: DoctorFacts): DoctorFinding | undefined {
  try {
    eachRow(text, () => true)
    return undefined
  } catch (error) {
    if (!(error instanceof KittyError)) throw error
    const mendable = error.code === 'log_corrupt' && repairLog(text).remaining === undefined
    const action = mendable
      ? sh`spec-kitty agent status doctor --fix --mission ${mission.slug}`
      : sh`Correct the line by hand, or take the last good log: git checkout HEAD -- ${mission.rel}/status.events.jsonl`
    return finding('error', 'log_corrupt', null, error.message, action)
  }
}

function unterminated({ text, mission }: DoctorFacts): readonly DoctorFinding[] {
  if (isTerminated(text)) return []
  const action = sh`spec-kitty agent status doctor --fix --mission ${mission.slug}`
  return [
    finding(
      'warning',
      'log_unterminated',
      null,
      'The log has no line feed at the end of its last line',
      action,
    ),
  ]
}

/** All that `agent status validate` says about the events: what it lets pass leaves a mission healthy here too. */
function invalid({ text, wpIds, mission }: DoctorFacts): readonly DoctorFinding[] {
  const { errors, warnings, unowned } = judgeLog(text, wpIds, mission.id)
  const path = `${mission.rel}/status.events.jsonl`
  const action = sh`Correct the event by hand in ${path}, then: spec-kitty agent status materialize --mission ${mission.slug}`
  const look = sh`See what came before it: git log -p -- ${path}`
  return [
    ...errors.map(message => finding('error', 'log_invalid', null, message, action)),
    ...warnings.map(message => finding('info', 'log_doubtful', null, message, look)),
    ...unowned.map(wpId =>
      finding('info', 'log_doubtful', wpId, `${wpId} has events, but no work package file`, look),
    ),
  ]
}

function drift(facts: DoctorFacts, reduction: Reduction): readonly DoctorFinding[] {
  const { mission, derivedText, text, snapshotText } = facts
  if (mission.coordination !== null) return []
  const findings = snapshotDrift(text, snapshotText, mission).map(message =>
    finding(
      'warning',
      'materialization_drift',
      null,
      message,
      sh`spec-kitty agent status materialize --mission ${mission.slug}`,
    ),
  )
  if (derivedText === undefined || derivedText === printSnapshot(snapshotOf(reduction, mission)))
    return findings
  const message = `.kittify/derived/${mission.slug} is behind the log`
  const action = sh`spec-kitty materialize --mission ${mission.slug}`
  return [...findings, finding('warning', 'derived_view_drift', null, message, action)]
}

function staleClaims(
  { mission, now }: DoctorFacts,
  reduction: Reduction,
  limits: Limits,
): readonly DoctorFinding[] {
  const limitOf = { claimed: limits.claimed, in_progress: limits.inProgress }
  return [...reduction.workPackages].flatMap(([wpId, { lane, last_transition_at: since, actor }]) => {
    if (lane !== 'claimed' && lane !== 'in_progress') return []
    const days = daysBetween(since, now)
    if (days === null || days < limitOf[lane]) return []
    const message = `${wpId} is ${lane} by ${actorName(actor)} for ${days} days`
    const action = sh`Go on with it, or put it aside: spec-kitty agent status emit ${wpId} --to blocked --actor NAME --mission ${mission.slug}`
    return [finding('warning', 'stale_claim', wpId, message, action)]
  })
}

function orphanWorkspaces(
  { worktrees, mission }: DoctorFacts,
  reduction: Reduction,
): readonly DoctorFinding[] {
  const states = [...reduction.workPackages.values()]
  if (states.length === 0 || !states.every(state => isTerminal(state.lane))) return []
  return worktrees.map(name => {
    const message = `Every work package of ${mission.slug} is finished, but its worktree .worktrees/${name} is there`
    const action = sh`When nothing in it is needed: git worktree remove .worktrees/${name}`
    return finding('warning', 'orphan_workspace', null, message, action)
  })
}

function uninitialized({ wpIds, mission }: DoctorFacts, reduction: Reduction): readonly DoctorFinding[] {
  const action = sh`spec-kitty agent mission finalize-tasks --mission ${mission.slug}`
  return wpIds
    .filter(wpId => stateOf(reduction, wpId) === undefined)
    .map(wpId => finding('warning', 'uninitialized_status', wpId, `${wpId} has no event in the log`, action))
}

/** Recorded by a reviewer who had to approve work of his own: told, not held against anybody. */
function selfApprovals(text: LogText): readonly DoctorFinding[] {
  const found: DoctorFinding[] = []
  for (const { value } of scanLog(text)) {
    if (value.event_type !== 'ReviewerSelfApproval') continue
    const payload = (value.payload ?? {}) as JsonObject
    const wpId = typeof payload.wp_id === 'string' ? payload.wp_id : null
    const message = `${wpId ?? 'A work package'} was approved by the one who made it (${String(payload.failure_reason)})`
    found.push(finding('info', 'review_independence', wpId, message, sh`Have somebody else look at it`))
  }
  return found
}

function finding(
  severity: DoctorFinding['severity'],
  category: DoctorFinding['category'],
  wpId: string | null,
  message: string,
  action: Remedy,
): DoctorFinding {
  return { severity, category, wp_id: wpId, message, recommended_action: action }
}
