/** `agent status doctor`: what is wrong with the status of a mission, and `--fix` (docs/log.md). */

import type { AgentStatusDoctor } from '@spec-kitty/contracts/cli/status-doctor'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { withGoodCopies } from '../repo/finding.ts'
import { wholeLog } from '../repo/log/log.ts'
import { reduceLog } from '../repo/log/reduce.ts'
import { repairLog } from '../repo/log/repair.ts'
import { printSnapshot, snapshotOf, styleOf } from '../repo/log/snapshot.ts'
import { readMissionLog } from '../repo/log/source.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { withGoodCopy } from '../repo/project/good-copy.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import { openOperation } from '../repo/project/open-operation.ts'
import { readWorkPackages } from '../repo/tasks/work-package.ts'
import { join } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { write } from '../write/write.ts'
import {
  diagnose,
  type LogFacts,
  type LogFinding,
  readLogFacts,
  STALE,
  type StaleLimits,
  unreadPackages,
} from './diagnosis.ts'
import { driftLine, snapshotDrift } from './validate.ts'

export interface DoctorInput {
  readonly mission?: string | undefined
  readonly fix?: boolean | undefined
  readonly staleClaimedDays?: number | undefined
  readonly staleInProgressDays?: number | undefined
  readonly autoCommit?: boolean | undefined
}

/** Reads and judges; with `fix` mends what can be mended without losing an event, and commits that. */
export async function statusDoctor(ports: Ports, input: DoctorInput): Promise<AgentStatusDoctor> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const mission = resolveMission(ports, project, input.mission)
  const limits = {
    claimed: input.staleClaimedDays ?? STALE.claimed,
    inProgress: input.staleInProgressDays ?? STALE.inProgress,
  }
  if (input.fix !== true) {
    const found = await look(ports, project, mission, limits)
    const all = [...found, ...(await unread(ports, project, mission))]
    return conclude(mission, await withGoodCopies(ports, project, all), [], null)
  }
  return write(ports, input, async scene => {
    const { text } = await readMissionLog(ports, project, scene.mission)
    const facts = readLogFacts(ports, project, scene.mission, text)
    const mend = planMend(ports, project, facts)
    // While a merge or rebase is open the log belongs to the commit that ends it.
    const open = mend.changes.length > 0 && openOperation(ports.files, project.top) !== undefined
    const { log, snapshot } = missionPaths(mission)
    const left = open ? [sh`Left for your open merge or rebase to commit: git add ${mission.rel}`] : []
    const found = diagnose({ ...facts, ...mend.after }, limits)
    const all = [...found, ...(await unread(ports, project, scene.mission))]
    const findings = await withGoodCopies(ports, project, all)
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
  limits: StaleLimits,
): Promise<readonly LogFinding[]> {
  try {
    const { text } = await readMissionLog(ports, project, mission)
    return diagnose(readLogFacts(ports, project, mission, text), limits)
  } catch (error) {
    if (!(error instanceof KittyError) || error.code !== 'not_utf8') throw error
    const action = sh`Mend these bytes of the log in an editor, or put back a copy that is whole: git log -- ${mission.rel}`
    const code = 'log_corrupt'
    return [{ code, severity: 'error', path: null, message: error.message, fix: action }]
  }
}

async function unread(ports: Ports, project: Project, mission: Mission): Promise<readonly LogFinding[]> {
  const { unread: found } = await readWorkPackages(ports, mission)
  const whole = found.map(async ({ id, error }) => ({ id, error: await withGoodCopy(ports, error) }))
  return unreadPackages(project, await Promise.all(whole))
}

function conclude(
  mission: Mission,
  found: readonly LogFinding[],
  fixed: readonly string[],
  backup: string | null,
): AgentStatusDoctor {
  const findings = found.map(statusRow)
  const healthy = findings.every(finding => finding.severity === 'info')
  return { mission_slug: mission.slug, healthy, global_runtime: [], findings, fixed, backup }
}

/** A finding in the words of the Python edition. */
function statusRow({ severity, code, wp, message, fix }: LogFinding): AgentStatusDoctor['findings'][number] {
  const told = code === 'materialization_drift' ? driftLine(message) : message
  return {
    severity,
    category: code,
    wp_id: wp ?? null,
    message: told,
    recommended_action: fix,
  }
}

/* ------------------------------------------------------------------ mending */

interface Mend {
  readonly changes: readonly Change[]
  readonly fixed: readonly string[]
  readonly backup: string | null
  readonly after: Pick<LogFacts, 'text' | 'snapshotText'>
}

function planMend(ports: Pick<Ports, 'files'>, project: Project, facts: LogFacts): Mend {
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
