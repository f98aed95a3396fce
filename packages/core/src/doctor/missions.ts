/** The state of one mission across its log, files, lanes and branches. Reads files only. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { isTerminal } from '@spec-kitty/contracts/lanes'
import { sh } from '@spec-kitty/contracts/sh'
import { waitingLanding } from '../landing/waiting.ts'
import { coordinationWorktree, readLogFile } from '../repo/log/source.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { isQuick } from '../repo/mission/types.ts'
import type { Project } from '../repo/project/locate.ts'
import { reviewFindings } from '../repo/review/consistency.ts'
import { isMerged } from '../repo/summary.ts'
import { wordOf } from '../repo/tasks/lists.ts'
import { readTaskGraph } from '../repo/tasks/task-graph.ts'
import { type DoctorFacts, diagnose } from '../status/doctor.ts'
import { isUtf8 } from '../text/encoding.ts'
import { basename, join, relativeTo } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { readJournal } from '../write/journal.ts'
import { byChanges, mendable, type Problem, problem } from './finding.ts'
import { branchProblems, laneProblems } from './lanes.ts'
import { headOf, type MissionFacts, orRefusal, readFacts } from './mission-facts.ts'

const STALE = { claimed: 7, inProgress: 14 }
/** All findings about a mission but those about its identity. No git process unless a landing waits. */
export async function missionProblems(
  ports: Ports,
  project: Project,
  mission: Mission,
  now: string,
): Promise<readonly Problem[]> {
  const facts = await readFacts(ports, project, mission, now)
  const landed = await landingProblems(ports, facts)
  const found = [
    ...(mission.coordination === null ? logProblems(ports, facts) : coordinationProblems(ports, facts)),
    ...packageProblems(facts),
    ...taskProblems(facts),
    ...laneProblems(facts),
    // What a settling deleted from another checkout is not lost.
    ...(landed.length > 0 ? [] : branchProblems(facts)),
    ...(await reviewProblems(ports, facts)),
    ...mergeProblems(ports, facts),
    ...landed,
    ...documentProblems(ports, facts),
  ]
  return found.map(item => ({ ...item, mission: mission.slug }))
}

/* ---------------------------------------------------------------------- log */

function logProblems(ports: Ports, facts: MissionFacts): readonly Problem[] {
  const { mission, project } = facts
  const paths = missionPaths(mission)
  const path = `${mission.rel}/status.events.jsonl`
  const text = readLogFile(ports, paths.log)
  const snapshotText = ports.files.text(paths.snapshot)
  if (text === undefined) {
    if (snapshotText === undefined && facts.lanes === undefined) return []
    const message = `${mission.slug} has status.json or lanes.json, but no event log`
    return [
      problem({ code: 'log_missing', severity: 'error', path, message }, sh`git checkout HEAD -- ${path}`),
    ]
  }
  const seen: DoctorFacts = {
    mission,
    text,
    snapshotText,
    derivedText: ports.files.text(join(project.root, '.kittify/derived', mission.slug, 'status.json')),
    wpIds: facts.wpIds,
    worktrees: facts.worktrees.filter(name => name.startsWith(`${mission.slug}-lane-`)),
    now: facts.now,
  }
  const found = diagnose(seen, STALE)
  const drift = found.filter(item => item.category === 'materialization_drift')
  const others = found.flatMap(item => {
    if (item.category === 'materialization_drift') return []
    // Of a finished mission nobody will mend old events; work packages without a file have a finding of their own.
    if (item.category === 'log_doubtful') return facts.finished || item.wp_id !== null ? [] : [item]
    return [item.category === 'log_invalid' && facts.finished ? { ...item, severity: 'info' as const } : item]
  })
  const mend = { kind: 'status', slug: mission.slug } as const
  return [
    ...others.map(item => {
      const about = { code: item.category, severity: item.severity, path, message: item.message }
      const mends =
        item.category === 'log_unterminated' || item.recommended_action.includes('status doctor --fix')
      return mends ? mendable(about, mend) : problem(about, item.recommended_action)
    }),
    ...(drift.length === 0
      ? []
      : [
          mendable(
            {
              code: 'snapshot_drift',
              severity: 'warning',
              path: `${mission.rel}/status.json`,
              message: `${mission.slug}: status.json is not what the log says (${drift.length} differences): ${drift[0]?.message.replace('Materialization drift: ', '')}`,
            },
            mend,
          ),
        ]),
    ...unownedEvents(facts, path),
    ...unfinishedMerge(facts),
  ]
}

function unownedEvents(
  { reduction, wpIds, mission, finished }: MissionFacts,
  path: string,
): readonly Problem[] {
  if (finished || wpIds.length === 0) return []
  const unowned = [...(reduction?.workPackages.keys() ?? [])].filter(id => !wpIds.includes(id))
  return unowned.map(id => {
    const message = `${id} has events, but no file in ${mission.rel}/tasks`
    const fix = sh`git log --diff-filter=D --name-only -- ${mission.rel}/tasks`
    return problem({ code: 'wp_file_missing', severity: 'warning', path, message }, fix)
  })
}

function unfinishedMerge({ mission, reduction }: MissionFacts): readonly Problem[] {
  const open = [...(reduction?.workPackages ?? [])].filter(([, state]) => !isTerminal(state.lane))
  if (!isMerged(mission) || open.length === 0) return []
  const message = `${mission.slug} is merged, but not finished: ${open.map(([id, { lane }]) => `${id} is ${lane}`).join(', ')}`
  const fix = sh`spec-kitty agent tasks status --mission ${mission.slug}`
  return [
    problem({ code: 'merged_unfinished', severity: 'info', path: `${mission.rel}/meta.json`, message }, fix),
  ]
}

function coordinationProblems(ports: Ports, { mission, project }: MissionFacts): readonly Problem[] {
  const branch = mission.coordination ?? ''
  const there =
    ports.git.named(project.top, [headOf(branch)]).size > 0 ||
    ports.files.stat(coordinationWorktree(project, mission)) !== undefined
  const path = `${mission.rel}/meta.json`
  const fix = sh`spec-kitty migrate flatten --mission ${mission.slug}`
  if (there) {
    const message = `${mission.slug} keeps its state on branch ${branch}, as the Python edition does; commands that write want it flat`
    return [problem({ code: 'coordination_mission', severity: 'info', path, message }, fix)]
  }
  const message = `${mission.slug} names the coordination branch ${branch}, which does not exist here`
  return [problem({ code: 'coordination_branch_gone', severity: 'warning', path, message }, fix)]
}

/* -------------------------------------------------------- work packages, tasks */

function packageProblems({ packages, mission, project }: MissionFacts): readonly Problem[] {
  const unreadable = packages.problems.map(error => {
    const path = typeof error.data.path === 'string' ? error.data.path : null
    const shown = path?.startsWith('/') ? relativeTo(project.root, path) : path
    return problem(
      { code: 'wp_malformed', severity: 'error', path: shown, message: error.message },
      error.hint ?? null,
    )
  })
  const ids = packages.found.map(wp => wp.id)
  const twice = [...new Set(ids.filter((id, i) => ids.indexOf(id) !== i))].map(id => {
    const names = packages.found.filter(wp => wp.id === id).map(wp => basename(wp.path))
    const message = `${names.join(' and ')} both claim to be ${id}`
    const path = `${mission.rel}/tasks/${names[1]}`
    return problem(
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
    return [problem({ code: 'wp_id_mismatch', severity: 'warning', path, message }, fix)]
  })
  return [...unreadable, ...twice, ...misnamed]
}

/** What finalize-tasks would refuse later; of a finished mission nobody asks any more. */
function taskProblems({ packages, wpIds, tasksText, mission, finished }: MissionFacts): readonly Problem[] {
  if (finished || wpIds.length === 0) return []
  const path = `${mission.rel}/tasks.md`
  if (tasksText === undefined) {
    // The short way has one file, and it is not this one.
    if (isQuick(mission)) return []
    const message = `${mission.slug} has work packages, but no tasks.md`
    return [
      problem(
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
      return problem({ code: item.code, severity, path, message: item.message }, item.hint)
    })
}

/* ------------------------------------------------- reviews, merges, documents */

async function reviewProblems(ports: Ports, facts: MissionFacts): Promise<readonly Problem[]> {
  const { mission, reduction, finished } = facts
  if (finished || reduction === undefined) return []
  const states = new Map([...reduction.workPackages].map(([id, state]) => [id, state.lane]))
  const found = await reviewFindings(ports, mission, states, reduction)
  return found.map(item => {
    const isSchema = item.diagnostic_code === 'REVIEW_ARTIFACT_SCHEMA_INVALID'
    const wpId = item.branch_or_work_package
    const message = isSchema
      ? `The latest review of ${wpId} cannot be read: ${String(item.schema_error)}`
      : `${wpId} is ${item.lane}, but its latest review rejects it`
    const code = isSchema ? 'review_malformed' : 'review_rejected'
    return problem(
      { code, severity: 'error', path: item.latest_review_cycle_path, message },
      item.remediation[0] ?? null,
    )
  })
}

function mergeProblems(ports: Ports, { project, mission }: MissionFacts): readonly Problem[] {
  const journal = orRefusal(() => readJournal(ports, project, mission.slug))
  if (journal instanceof KittyError) {
    const facts = { code: 'merge_journal_malformed', severity: 'error', path: null } as const
    return [problem({ ...facts, message: journal.message }, journal.hint ?? null)]
  }
  const python = mission.id === null ? [] : pythonMerge(ports, project, mission)
  if (!journal?.plan) return python
  const way = journal.phase === 'aborting' ? '--abort' : '--resume'
  const message = `A merge of ${mission.slug} was interrupted; nobody can write to the mission`
  const fix = sh`spec-kitty merge ${way} --mission ${mission.slug}`
  return [
    problem({ code: 'merge_interrupted', severity: 'error', path: mission.rel, message }, fix),
    ...python,
  ]
}

async function landingProblems(
  ports: Ports,
  { project, mission }: MissionFacts,
): Promise<readonly Problem[]> {
  const landing = await waitingLanding(ports, project, mission)
  if (landing?.arrived === undefined) return []
  const facts = { code: 'landing_arrived', severity: 'warning', path: mission.rel } as const
  return [mendable({ ...facts, message: landing.sentence }, { kind: 'landing', slug: mission.slug })]
}

function pythonMerge(ports: Ports, project: Project, mission: Mission): readonly Problem[] {
  const path = `.kittify/runtime/merge/${mission.id}/state.json`
  if (ports.files.stat(join(project.root, path)) === undefined) return []
  const message = `A merge of ${mission.slug} by the Python edition was interrupted`
  const fix = sh`spec-kitty merge --abort --mission ${mission.slug}`
  return [problem({ code: 'python_merge_interrupted', severity: 'warning', path, message }, fix)]
}

function documentProblems(ports: Ports, { mission, finished }: MissionFacts): readonly Problem[] {
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
      return [problem({ code: 'not_utf8', severity: 'warning', path, message }, fix)]
    }
    const line = new TextDecoder()
      .decode(bytes)
      .split('\n')
      .findIndex(text => /^(<{7}|>{7}) /.test(text))
    if (line < 0) return []
    const message = `${path}:${line + 1}: the markers of an unfinished merge`
    return [
      problem(
        { code: 'conflict_markers', severity: 'error', path, message },
        sh`Resolve the conflict in ${path}`,
      ),
    ]
  })
}
