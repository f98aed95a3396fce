/** The state of one mission across its log, files, lanes and branches. Reads files only. */

import { KittyError } from '@spec-kitty/contracts/errors'
import { isTerminal } from '@spec-kitty/contracts/lanes'
import { sh } from '@spec-kitty/contracts/sh'
import { readIndex } from '../decisions/index-file.ts'
import { waitingLanding } from '../landing/waiting.ts'
import { byChanges, type Finding, finding, mendable, refused, restorable } from '../repo/finding.ts'
import { reduceLog } from '../repo/log/reduce.ts'
import { readSnapshotText } from '../repo/log/snapshot.ts'
import { coordinationWorktree, readLogFile } from '../repo/log/source.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { isQuick } from '../repo/mission/types.ts'
import type { Project } from '../repo/project/locate.ts'
import { reviewFindings } from '../repo/review/consistency.ts'
import { cycleGone, lostCycle } from '../repo/review/cycle.ts'
import { isMerged } from '../repo/summary.ts'
import { wordOf } from '../repo/tasks/lists.ts'
import { readTaskGraph } from '../repo/tasks/task-graph.ts'
import { fileBack } from '../repo/tasks/without-file.ts'
import { diagnose, type LogFinding, readLogFacts, STALE, unreadPackages } from '../status/diagnosis.ts'
import { isUtf8 } from '../text/encoding.ts'
import { basename, join, relativeTo } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { readJournal } from '../write/journal.ts'
import { branchFindings, laneFindings } from './lanes.ts'
import { headOf, type MissionFacts, orRefusal, readFacts } from './mission-facts.ts'

/** All findings about a mission but those about its identity. No git process unless a landing waits. */
export async function missionFindings(
  ports: Ports,
  project: Project,
  mission: Mission,
  now: string,
): Promise<readonly Finding[]> {
  const facts = await readFacts(ports, project, mission, now)
  const landed = await landingFindings(ports, facts)
  const found = [
    ...(mission.coordination === null ? logFindings(ports, facts) : coordinationFindings(ports, facts)),
    ...packageFindings(facts),
    ...taskFindings(facts),
    ...laneFindings(facts),
    // What a settling deleted from another checkout is not lost.
    ...(landed.length > 0 ? [] : branchFindings(facts)),
    ...(await verdictFindings(ports, facts)),
    ...decisionFindings(ports, facts),
    ...mergeFindings(ports, facts),
    ...landed,
    ...documentFindings(ports, facts),
  ]
  return found.map(item => ({ ...item, mission: mission.slug }))
}

/* ---------------------------------------------------------------------- log */

function logFindings(ports: Ports, facts: MissionFacts): readonly Finding[] {
  const { mission, project } = facts
  const paths = missionPaths(mission)
  const path = `${mission.rel}/status.events.jsonl`
  const text = readLogFile(ports, paths.log)
  const snapshotText = readSnapshotText(ports, mission)
  if (text === undefined) {
    if (snapshotText === undefined && facts.lanes === undefined) return []
    const message = `${mission.slug} has status.json or lanes.json, but no event log`
    return [
      restorable(
        { code: 'log_missing', severity: 'error', path, message },
        {
          path: paths.log,
          read: reduceLog,
          otherwise: sh`spec-kitty agent mission finalize-tasks --mission ${mission.slug}`,
        },
      ),
    ]
  }
  const found = diagnose(readLogFacts(ports, project, mission, text), STALE)
  const drift = found.filter(item => item.code === 'materialization_drift')
  return [
    ...found.flatMap(item => shownOfLog(item, facts)),
    ...(drift.length === 0 ? [] : [drifted(mission, drift)]),
    ...unownedEvents(facts, path),
    ...unfinishedMerge(facts),
  ]
}

/** Of a finished mission nobody will mend old events; what another check says better is left to it. */
function shownOfLog(item: LogFinding, { finished }: MissionFacts): readonly Finding[] {
  if (item.code === 'materialization_drift') return []
  if (item.code === 'log_doubtful') return finished || item.wp !== undefined ? [] : [item]
  return [item.code === 'log_invalid' && finished ? { ...item, severity: 'info' } : item]
}

/** One finding for all differences: one mend ends them. */
function drifted(mission: Mission, differences: readonly LogFinding[]): Finding {
  const path = `${mission.rel}/status.json`
  const message = `${mission.slug}: status.json is not what the log says (${differences.length} differences): ${differences[0]?.message}`
  return mendable(
    { code: 'snapshot_drift', severity: 'warning', path, message },
    { kind: 'status', slug: mission.slug },
  )
}

function unownedEvents(
  { reduction, wpIds, mission, finished }: MissionFacts,
  path: string,
): readonly Finding[] {
  if (finished || wpIds.length === 0) return []
  const unowned = [...(reduction?.workPackages.keys() ?? [])].filter(id => !wpIds.includes(id))
  return unowned.map(id => {
    const message = `${id} has events, but no file in ${mission.rel}/tasks`
    return finding({ code: 'wp_file_missing', severity: 'warning', path, message }, fileBack(id, mission))
  })
}

function unfinishedMerge({ mission, reduction }: MissionFacts): readonly Finding[] {
  const open = [...(reduction?.workPackages ?? [])].filter(([, state]) => !isTerminal(state.lane))
  if (!isMerged(mission) || open.length === 0) return []
  const message = `${mission.slug} is merged, but not finished: ${open.map(([id, { lane }]) => `${id} is ${lane}`).join(', ')}`
  const fix = sh`spec-kitty agent tasks status --mission ${mission.slug}`
  return [
    finding({ code: 'merged_unfinished', severity: 'info', path: `${mission.rel}/meta.json`, message }, fix),
  ]
}

function coordinationFindings(ports: Ports, { mission, project }: MissionFacts): readonly Finding[] {
  const branch = mission.coordination ?? ''
  const there =
    ports.git.named(project.top, [headOf(branch)]).size > 0 ||
    ports.files.stat(coordinationWorktree(project, mission)) !== undefined
  const path = `${mission.rel}/meta.json`
  const fix = sh`spec-kitty migrate flatten --mission ${mission.slug}`
  if (there) {
    const message = `${mission.slug} keeps its state on branch ${branch}, as the Python edition does; commands that write want it flat`
    return [finding({ code: 'coordination_mission', severity: 'info', path, message }, fix)]
  }
  const message = `${mission.slug} names the coordination branch ${branch}, which does not exist here`
  return [finding({ code: 'coordination_branch_gone', severity: 'warning', path, message }, fix)]
}

/* -------------------------------------------------------- work packages, tasks */

function packageFindings({ packages, mission, project }: MissionFacts): readonly Finding[] {
  const ids = packages.found.map(wp => wp.id)
  const twice = [...new Set(ids.filter((id, i) => ids.indexOf(id) !== i))].map(id => {
    const names = packages.found.filter(wp => wp.id === id).map(wp => basename(wp.path))
    const message = `${names.join(' and ')} both claim to be ${id}`
    const path = `${mission.rel}/tasks/${names[1]}`
    return finding(
      { code: 'wp_duplicate', severity: 'error', path, message },
      sh`Remove or rename one of them`,
    )
  })
  const misnamed = packages.found.flatMap(wp => {
    const own = wordOf(wp.file.fields.work_package_id)
    if (own === undefined || own.toUpperCase() === wp.id) return []
    const path = relativeTo(project.root, wp.path)
    const message = `${path} says it is ${own}`
    const fix = sh`Set work_package_id: ${wp.id}, or rename the file`
    return [finding({ code: 'wp_id_mismatch', severity: 'warning', path, message }, fix)]
  })
  return [...unreadPackages(project, packages.unread), ...twice, ...misnamed]
}

/** What finalize-tasks would refuse later; of a finished mission nobody asks any more. */
function taskFindings({ packages, wpIds, tasksText, mission, finished }: MissionFacts): readonly Finding[] {
  if (finished || wpIds.length === 0) return []
  const path = `${mission.rel}/tasks.md`
  if (tasksText === undefined) {
    // The short way has one file, and it is not this one.
    if (isQuick(mission)) return []
    const message = `${mission.slug} has work packages, but no tasks.md`
    return [
      finding(
        { code: 'tasks_missing', severity: 'warning', path, message },
        sh`git log --oneline -- ${path}`,
      ),
    ]
  }
  const graph = readTaskGraph(packages.found, wpIds, tasksText)
  return graph.problems
    .filter(item => item.code !== 'duplicate_work_package')
    .map(item => {
      const isHard = item.code === 'dependency_cycle' || item.code === 'unknown_dependency'
      const severity = isHard ? 'error' : 'warning'
      return finding({ code: item.code, severity, path, message: item.message }, item.hint)
    })
}

/* ------------------------------------------------- reviews, merges, documents */

async function verdictFindings(ports: Ports, facts: MissionFacts): Promise<readonly Finding[]> {
  const { mission, reduction, finished } = facts
  if (finished || reduction === undefined) return []
  const states = new Map([...reduction.workPackages].map(([id, state]) => [id, state.lane]))
  const found = await reviewFindings(ports, mission, states, reduction)
  const malformed = found.map(item => {
    const isSchema = item.diagnostic_code === 'REVIEW_ARTIFACT_SCHEMA_INVALID'
    const wpId = item.branch_or_work_package
    const message = isSchema
      ? `The latest review of ${wpId} cannot be read: ${String(item.schema_error)}`
      : `${wpId} is ${item.lane}, but its latest review rejects it`
    const code = isSchema ? 'review_malformed' : 'review_rejected'
    return finding(
      { code, severity: 'error', path: item.latest_review_cycle_path, message },
      item.remediation[0] ?? null,
    )
  })
  const lost = [...states.keys()].flatMap(wpId => {
    const path = lostCycle(ports, mission, wpId, reduction)
    if (path === undefined) return []
    const { message, hint } = cycleGone(wpId, path)
    return [finding({ code: 'review_missing', severity: 'warning', path: mission.rel, message }, hint)]
  })
  return [...malformed, ...lost]
}

function decisionFindings(ports: Ports, { mission }: MissionFacts): readonly Finding[] {
  const index = orRefusal(() => readIndex(ports, mission))
  return index instanceof KittyError
    ? [refused({ code: 'decisions_malformed', path: mission.rel }, index)]
    : []
}

function mergeFindings(ports: Ports, { project, mission }: MissionFacts): readonly Finding[] {
  const journal = orRefusal(() => readJournal(ports, project, mission.slug))
  if (journal instanceof KittyError) {
    return [refused({ code: 'merge_journal_malformed', path: null }, journal)]
  }
  const python = mission.id === null ? [] : pythonMerge(ports, project, mission)
  if (!journal?.plan) return python
  const way = journal.phase === 'aborting' ? '--abort' : '--resume'
  const message = `A merge of ${mission.slug} was interrupted; nobody can write to the mission`
  const fix = sh`spec-kitty merge ${way} --mission ${mission.slug}`
  return [
    finding({ code: 'merge_interrupted', severity: 'error', path: mission.rel, message }, fix),
    ...python,
  ]
}

async function landingFindings(
  ports: Ports,
  { project, mission }: MissionFacts,
): Promise<readonly Finding[]> {
  const landing = await waitingLanding(ports, project, mission)
  if (landing?.arrived === undefined) return []
  const facts = { code: 'landing_arrived', severity: 'warning', path: mission.rel } as const
  return [mendable({ ...facts, message: landing.sentence }, { kind: 'landing', slug: mission.slug })]
}

function pythonMerge(ports: Ports, project: Project, mission: Mission): readonly Finding[] {
  const path = `.kittify/runtime/merge/${mission.id}/state.json`
  if (ports.files.stat(join(project.root, path)) === undefined) return []
  const message = `A merge of ${mission.slug} by the Python edition was interrupted`
  const fix = sh`spec-kitty merge --abort --mission ${mission.slug}`
  return [finding({ code: 'python_merge_interrupted', severity: 'warning', path, message }, fix)]
}

function documentFindings(ports: Ports, { mission, finished }: MissionFacts): readonly Finding[] {
  return ports.files.list(mission.dir).flatMap(name => {
    const absolute = join(mission.dir, name)
    const path = `${mission.rel}/${name}`
    if (/^\..+\.\d+\.\d+\.tmp$/.test(name)) {
      const mend = byChanges([{ kind: 'delete_file', path: absolute }], `Removed ${path}`)
      const message = `${path} was left by a command that was killed`
      return [mendable({ code: 'temporary_file', severity: 'info', path, message }, mend)]
    }
    if (finished || !name.endsWith('.md')) return []
    const bytes = ports.files.bytes(absolute) ?? new Uint8Array()
    if (!isUtf8(bytes)) {
      const fix = sh`spec-kitty validate-encoding --mission ${mission.slug} --fix`
      const message = `${path} is not UTF-8`
      return [finding({ code: 'not_utf8', severity: 'warning', path, message }, fix)]
    }
    const line = new TextDecoder()
      .decode(bytes)
      .split('\n')
      .findIndex(text => /^(<{7}|>{7}) /.test(text))
    if (line < 0) return []
    const message = `${path}:${line + 1}: the markers of an unfinished merge`
    return [
      finding(
        { code: 'conflict_markers', severity: 'error', path, message },
        sh`Resolve the conflict in ${path}`,
      ),
    ]
  })
}
