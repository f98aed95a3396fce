/**
 * The one door for writing (ADR 0031). A flow says what it wants by a decision; the door opens the scene under the
 * lock, refuses where nobody may write, and derives from the decision what is appended, written, committed and told.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Sha } from '@spec-kitty/contracts/ids'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { withHeads } from '../repo/lanes/heads.ts'
import { type AppendPlan, planAppend, readStatus, type StatusFacts } from '../repo/log/emit.ts'
import { refuseCoordination } from '../repo/log/source.ts'
import { isBookkeeping } from '../repo/mission/bookkeeping.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { requireCommittable } from '../repo/project/committer.ts'
import { type ProjectConfig, readConfig } from '../repo/project/config.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import { isInside, join, relativeTo } from '../text/paths.ts'
import { type Change, type QueuedFact, written } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { planCommit, refuseProtected } from './commit.ts'
import { awaitIndex } from './index-lock.ts'
import { refuseDuringMerge } from './journal.ts'
import { hold, missionLock, projectLock } from './locks.ts'

/** What everybody who writes decides on, read under the lock. */
export interface ProjectScene {
  readonly project: Project
  readonly config: ProjectConfig
}

export interface Scene extends ProjectScene {
  readonly mission: Mission
  /** The log and what it reduces to, read when first asked for. Throws `log_corrupt`. */
  readonly status: () => Promise<StatusFacts>
}

/** Performed in this order: `files`, the log with its snapshot, `afterLog`, the commit, `told`, `afterCommit`. */
export interface Decision<R> {
  readonly files?: readonly Change[] | undefined
  /** Rows for the log. An empty list writes none, but mends a snapshot that is behind and commits both. */
  readonly events?: readonly JsonObject[] | undefined
  /** Whose log that is; the mission of the scene when left out. */
  readonly status?: StatusFacts
  /** What repeats the log: when it is written last, a killed run can be completed from the log. */
  readonly afterLog?: readonly Change[]
  /** Of the one commit; left out: nothing is committed. */
  readonly message?: string | undefined
  /** Git made a commit for the decision, so that it can make one more: it is not asked. */
  readonly committable?: boolean
  /**
   * Whether it ends a phase of the mission: the commit of a phase takes along what lies about uncommitted since the last.
   * Left out: it waits for one when it writes nothing but bookkeeping.
   */
  readonly phase?: boolean
  /** Absolute; what is committed beside the log. Left out: the files that are written. */
  readonly paths?: readonly string[] | undefined
  /** What the server is told beside the rows of the log. */
  readonly told?: readonly QueuedFact[]
  readonly afterCommit?: readonly Change[]
  readonly answer: R
  /** The answer once a commit was made. */
  readonly committed?: (commit: Sha) => R | Promise<R>
}

interface WriteInput {
  /** The command's `--[no-]auto-commit`; absent: the configuration decides. */
  readonly autoCommit?: boolean | undefined
}

/**
 * Changes a mission. `decide` reads what it needs beyond the scene itself, under the lock like the scene, and writes
 * nothing. Throws what naming a mission throws, `no_project`, `coordination_mission`, `merge_in_progress`,
 * `protected_branch` where the decision would commit to one, `lock_busy`, and whatever `decide` refuses with.
 */
export async function write<R>(
  ports: Ports,
  input: WriteInput & {
    readonly mission?: string | undefined
    /** A mission of the coordination topology too: its files are written, its log never is. */
    readonly anyTopology?: boolean
  },
  decide: (scene: Scene) => Decision<R> | Promise<Decision<R>>,
): Promise<R> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const { slug } = resolveMission(ports, project, input.mission)
  return await hold(ports, [missionLock(project, slug)], async () => {
    // Again: whoever held the lock before us may have changed it.
    const mission = resolveMission(ports, project, slug)
    if (input.anyTopology !== true) refuseCoordination(mission)
    refuseDuringMerge(ports, project, slug)
    let status: Promise<StatusFacts> | undefined
    const scene: Scene = {
      project,
      mission,
      config: await readConfig(ports, project),
      status: () => {
        status ??= readStatus(ports, project, mission)
        return status
      },
    }
    return await carryOut(ports, scene, input, await decide(scene), scene.status)
  })
}

interface ProjectInput extends WriteInput {
  /** Slugs of missions that are changed beside it. */
  readonly missions?: readonly string[]
  /** Another checkout of the project that takes files and commit. */
  readonly place?: (project: Project) => Project
  /** Also in a repository that was never set up. */
  readonly anyRepository?: boolean
}

/** The same for what belongs to no mission. Throws as `write` does, but for the mission's own refusals. */
export async function writeProject<R>(
  ports: Ports,
  input: ProjectInput,
  decide: (scene: ProjectScene) => Decision<R> | Promise<Decision<R>>,
): Promise<R> {
  const found = locateProject(ports)
  if (input.anyRepository !== true) requireKittify(ports, found)
  const project = input.place?.(found) ?? found
  const missions = (input.missions ?? []).toSorted()
  const locks = [projectLock(project), ...missions.map(slug => missionLock(project, slug))]
  return await hold(ports, locks, async () => {
    for (const slug of missions) refuseDuringMerge(ports, project, slug)
    const scene = { project, config: await readConfig(ports, project) }
    return await carryOut(ports, scene, input, await decide(scene))
  })
}

const NO_EVENTS: Pick<AppendPlan, 'changes' | 'paths' | 'told'> = { changes: [], paths: [], told: [] }

async function carryOut<R>(
  ports: Ports,
  scene: ProjectScene | Scene,
  { autoCommit }: WriteInput,
  decision: Decision<R>,
  ownStatus?: Scene['status'],
): Promise<R> {
  const { project, config } = scene
  const { files = [], events, afterLog = [], message, told = [], afterCommit = [], answer } = decision
  const status = decision.status ?? (events === undefined ? undefined : await ownStatus?.())
  const log =
    events === undefined || status === undefined
      ? NO_EVENTS
      : planAppend(status, withHeads(ports, project, status.mission, events))
  const own = [...(decision.paths ?? tracked(project, [...files, ...afterLog])), ...log.paths]
  const waits = autoCommit === undefined && waitsForPhase(scene, decision, own)
  const paths =
    waits || own.length === 0 ? [] : [...own, ...('mission' in scene ? await pendingFiles(ports, scene) : [])]
  const commit =
    message === undefined || paths.length === 0
      ? []
      : planCommit(project, config, { paths, message, autoCommit })
  if (commit.length > 0) await refuseProtected(ports, project, config, autoCommit, switched(project, files))
  const before = ports.git.head(project.top).sha
  // Branches and worktrees are not made for a claim that cannot be recorded.
  if (commit.length > 0 && files.some(isOfGit) && decision.committable !== true)
    await requireCommittable(ports, project.top)
  try {
    await perform(ports, [...files, ...log.changes, ...afterLog, ...commit])
  } catch (cause) {
    if (commit.length > 0 && cause instanceof KittyError && cause.code === 'git_failed')
      await requireCommittable(ports, project.top)
    throw cause
  }
  const facts = [...log.told, ...told]
  if (facts.length > 0) await ports.tell(facts)
  await perform(ports, afterCommit)
  const { sha } = ports.git.head(project.top)
  const made = commit.length > 0 && sha !== null && sha !== before
  return made && decision.committed !== undefined ? await decision.committed(sha) : answer
}

/** Bookkeeping between the phases stays on disk; whatever a merge would not take along is committed at once. */
function waitsForPhase(
  scene: ProjectScene | Scene,
  { phase }: Pick<Decision<unknown>, 'phase'>,
  paths: readonly string[],
): boolean {
  if (scene.config.commits !== 'phase' || phase === true || !('mission' in scene)) return false
  const { project, mission } = scene
  return phase === false || paths.every(path => isBookkeeping(mission, relativeTo(project.top, path)))
}

/** Absolute paths of what waited on disk for a commit that ends a phase; none where every command commits. */
export async function pendingFiles(
  { git }: Pick<Ports, 'git'>,
  { project, mission, config }: Pick<Scene, 'project' | 'mission' | 'config'>,
): Promise<readonly string[]> {
  if (config.commits !== 'phase') return []
  const entries = await git.status(project.top, [mission.rel])
  return entries
    .filter(({ path, code }) => isBookkeeping(mission, path, code) && !/[DU]/.test(code))
    .map(({ path }) => join(project.top, path))
}

async function perform(
  ports: Pick<Ports, 'apply' | 'git' | 'clock'>,
  changes: readonly Change[],
): Promise<void> {
  await awaitIndex(ports, changes)
  if (changes.length > 0) await ports.apply(changes)
}

function isOfGit({ kind }: Change): boolean {
  return kind === 'update_refs' || kind === 'add_worktree' || kind === 'switch_branch'
}

/** The files that these changes write or delete, without those of git itself. */
function tracked(project: Project, changes: readonly Change[]): readonly string[] {
  return written(changes).filter(path => !isInside(project.commonDir, path))
}

/** The branch that takes the commit, where it is not the one that is checked out now. */
function switched({ top }: Project, changes: readonly Change[]): string | undefined {
  const last = changes.findLast(one => one.kind === 'switch_branch' && one.checkout === top)
  return last?.kind === 'switch_branch' ? last.branch : undefined
}
