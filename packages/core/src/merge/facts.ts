/** Everything a merge decides on, read once; nothing is changed. */
import type { LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import type { MergeOptions, MergeState } from '@spec-kitty/contracts/files/merge-state'
import type { Sha } from '@spec-kitty/contracts/ids'
import type { Remedy } from '@spec-kitty/contracts/sh'
import { isComputed } from '../repo/lanes/combine.ts'
import { requireLanes } from '../repo/lanes/manifest.ts'
import { PLANNING_LANE } from '../repo/lanes/names.ts'
import { readStatus } from '../repo/log/emit.ts'
import { laneOf } from '../repo/log/reduce.ts'
import { isBookkeeping } from '../repo/mission/bookkeeping.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { isQuick } from '../repo/mission/types.ts'
import { isNamed, signs } from '../repo/project/committer.ts'
import { isProtected, type ProjectConfig } from '../repo/project/config.ts'
import { uncover } from '../repo/project/covered.ts'
import type { Project } from '../repo/project/locate.ts'
import { primaryBranch } from '../repo/project/primary.ts'
import { remoteRevision, revision } from '../repo/project/revision.ts'
import { readStop, type Stop } from '../repo/project/stop.ts'
import { successor } from '../repo/project/successor.ts'
import { type ReviewFinding, reviewFindings } from '../repo/review/consistency.ts'
import { packagesWithoutFile } from '../repo/tasks/without-file.ts'
import { dirname, join } from '../text/paths.ts'
import { type Objects, occupies, type Ports, type StatusEntry, type Worktree } from '../world/ports.ts'
import { readJournal } from '../write/journal.ts'
import { closure, type Graph, standsOn } from './graph.ts'
import { type LaneFact, laneFacts } from './lane-facts.ts'
import { type LogFacts, readLogs } from './logs.ts'
import { nextNumber } from './numbers.ts'
import { type RemoteFacts, remoteFacts } from './remote.ts'

export interface MergeFacts {
  readonly project: Project
  readonly mission: Mission
  readonly options: MergeOptions
  readonly lanes: LanesJson
  readonly gitVersion: readonly [number, number, number]
  /** Git's configuration as it is in effect. */
  readonly settings: ReadonlyMap<string, string>
  /** Why git does not know in whose name to commit. */
  readonly identityProblem: string | undefined
  readonly missionBranch: string
  readonly missionTip: Sha | null
  /** False for a mission of planning work only: it has no branches. */
  readonly needsBranches: boolean
  readonly target: Sha | null
  /** Where a target goes on that is gone. */
  readonly successor: Awaited<ReturnType<typeof successor>>
  /** A branch where a command of git takes any commit; asked where a remedy needs it. */
  readonly rev: (branch: string) => string
  /** The same for what is known of a branch of a remote (`origin/main`). */
  readonly remoteRev: (branch: string) => string
  readonly remote: RemoteFacts & {
    /** Commits that only the target has, and that only its tracking branch has. */
    readonly distance: { readonly ahead: number; readonly behind: number }
  }
  readonly standing: Standing
  /** Another worktree that has the target branch; `stop`: what keeps it from leaving that. */
  readonly targetElsewhere: { readonly path: string; readonly stop: Stop | undefined } | undefined
  /** Lanes with a branch of their own, in merge order. */
  readonly laneFacts: readonly LaneFact[]
  /** Commits of target, lanes and their remote branches beyond the mission branch (the target, where that is missing). */
  readonly graph: Graph
  readonly log: LogFacts
  /** Work package → lane of the state machine. */
  readonly states: ReadonlyMap<string, string>
  /** Those of them that have no file. */
  readonly withoutFile: readonly string[]
  /** The checkout's own log says otherwise: the target's has more. */
  readonly outdated: boolean
  readonly reviews: readonly ReviewFinding[]
  readonly journal: MergeState | undefined
  /** Why nothing may be merged into the target from here. */
  readonly closed: string | undefined
  /** The target takes commits from here: nobody has to make a pull request. */
  readonly open: boolean
  readonly arrival: Arrival | undefined
  /** It lands by a pull request. */
  readonly byRequest: boolean
  readonly staleApprovals: 'block' | 'warn'
  /** Commits are signed here. */
  readonly signs: boolean
  /** The number the mission gets; null when it has one. */
  readonly nextNumber: number | null
}

/** The checkout the merge is started in. */
export interface Standing {
  readonly branch: string | null
  readonly head: Sha | null
  /** It has the target branch. */
  readonly onTarget: boolean
  /** It has the mission branch: the work was done there (ADR 0025). */
  readonly onMission: boolean
  /** What is uncommitted: everywhere on target or mission branch, else among the mission's files. */
  readonly dirt: readonly StatusEntry[]
  /** Moves away what lies over files that git follows: with it there, nothing can be put aside. */
  readonly uncover: readonly Remedy[]
  /** Every file that git follows is certainly as the head has it, and git was told to overlook none. */
  readonly quiet: boolean
  /** A git merge or rebase that is open. */
  readonly operation: Stop | undefined
  /** `index.lock` of another git. */
  readonly lock: string | undefined
}

export interface MergeRequest {
  readonly project: Project
  readonly mission: Mission
  readonly config: ProjectConfig
  readonly options: MergeOptions
  /** Look at the remote again first. */
  readonly fetch: boolean
  /**
   * It lands by a pull request: all is built on the remote's target, and neither branch nor checkout moves here.
   * `remote`: where it goes, if the branches do not say so.
   */
  readonly pullRequest?: { readonly remote: string | undefined } | undefined
  /** Whether its content is on the target already, as of the fetch. */
  readonly arrived?: ((mission: Mission) => Promise<Arrival | undefined>) | undefined
  readonly objects: Objects
}

/** It landed by a pull request: a sentence, and the command that settles it. */
export interface Arrival {
  readonly sentence: string
  readonly command: Remedy
}

/**
 * Reads the facts. Whatever the number of lanes: git's version, its settings, the commits, one reader of objects and
 * one status of the checkout; a fetch when asked for. A lane costs a process where its folder is not quiet.
 */
export async function mergeFacts(ports: Ports, request: MergeRequest): Promise<MergeFacts> {
  const { project, mission, options, config } = request
  const lanes = requireLanes(ports, mission)
  const status = await readStatus(ports, project, mission)
  const code = lanes.lanes.filter(lane => lane.lane_id !== PLANNING_LANE)
  const [gitVersion, settings] = await Promise.all([ports.git.version(), ports.git.settings(project.top)])
  const remote = await remoteFacts(ports, request, settings)
  const { missionBranch, missionTip, ...own } = tips(ports, project, lanes, options)
  const byRequest = request.pullRequest !== undefined
  const target = byRequest ? remote.upstream : own.target
  const standing = await stand(ports, request, missionBranch)
  const worktrees = await ports.git.worktrees(project.top)
  const log = await readLogs(request, status, standing.onTarget ? null : target)
  const states = new Map(
    lanes.lanes.flatMap(lane => lane.wp_ids).map(wpId => [wpId, laneOf(log.reduction, wpId)]),
  )
  const base = missionTip ?? target
  const found = await laneFacts(ports, { ...request, lanes: code, worktrees, states, log, remote, base })
  const seen = [target, remote.upstream, ...found.flatMap(tipsOf)]
  const beyond = [...new Set(seen.filter(tip => tip !== null && tip !== base))]
  const [graph, identityProblem, reviews] = await Promise.all([
    base === null || beyond.length === 0
      ? new Map<Sha, readonly Sha[]>()
      : ports.git.graph(project.top, beyond as Sha[], base),
    isNamed(ports, settings) ? undefined : ports.git.identityProblem(project.top),
    reviewFindings(ports, mission, states, log.reduction),
  ])
  return {
    project,
    mission,
    options,
    lanes,
    gitVersion,
    settings,
    identityProblem,
    missionBranch,
    missionTip,
    needsBranches: code.length > 0 || isQuick(mission),
    target,
    successor: own.target === null ? await successor(ports, project, options.target) : undefined,
    rev: branch => revision(ports.git, project.top, branch),
    remoteRev: branch => remoteRevision(ports.git, project.top, branch),
    remote: { ...remote, distance: await distance(ports, project, graph, base, target, remote.upstream) },
    standing,
    targetElsewhere:
      standing.onTarget || byRequest ? undefined : await elsewhere(ports, project, options.target, worktrees),
    laneFacts: found,
    graph,
    log,
    states,
    withoutFile: packagesWithoutFile(ports, mission),
    outdated: !byRequest && [...states].some(([wpId, lane]) => laneOf(status.reduction, wpId) !== lane),
    reviews,
    journal: readJournal(ports, project, mission.slug),
    closed: byRequest ? undefined : closedTarget(ports, request),
    open: closedTarget(ports, request) === undefined,
    arrival: await request.arrived?.(mission),
    byRequest,
    staleApprovals: config.staleApprovals,
    signs: signs(settings),
    nextNumber: mission.number === null ? await nextNumber(ports, request, target, remote) : null,
  }
}

async function elsewhere(
  ports: Pick<Ports, 'files' | 'git'>,
  { top }: Project,
  branch: string,
  worktrees: readonly Worktree[],
): Promise<MergeFacts['targetElsewhere']> {
  const tree = worktrees.find(other => occupies(other, branch) && !other.prunable && other.path !== top)
  return tree && { path: tree.path, stop: await readStop(ports, tree.path) }
}

/** Everything that a lane's folder and the remote have of it. */
function tipsOf({ tip, pushed, place }: LaneFact): readonly (Sha | null)[] {
  return [tip, pushed?.tip ?? null, place.kind === 'worktree' ? place.head : null]
}

function tips(ports: Ports, project: Project, lanes: LanesJson, options: MergeOptions) {
  const names = [options.target, lanes.mission_branch].map(head)
  const refs = ports.git.named(project.top, names)
  const [target = null, missionTip = null] = names.map(name => refs.get(name) ?? null)
  return { missionBranch: lanes.mission_branch, target, missionTip }
}

/** Files of a checkout that are compared with the index by hand rather than by a process of git. */
const MOST_BY_HAND = 1000

async function stand(
  ports: Ports,
  { project, mission, options, objects, pullRequest }: MergeRequest,
  missionBranch: string,
): Promise<Standing> {
  const { top } = project
  const { branch, sha } = ports.git.head(top)
  const onTarget = branch === options.target && pullRequest === undefined
  const onMission = branch !== options.target && branch === missionBranch
  const quiet = sha === null ? undefined : ports.git.quiet(top, MOST_BY_HAND)
  // Of what git does not follow, only files of the mission matter; what is in the way is found by the rehearsal.
  const clean =
    quiet?.others.every(path => !path.startsWith(mission.rel) && !mission.rel.startsWith(path)) === true &&
    quiet.tree === (await objects.edit(sha ?? quiet.tree, []))
  const operation = await readStop(ports, top)
  const dirt = clean ? [] : await ports.git.status(top)
  const quietByGit = sha !== null && dirt.length === 0 && ports.git.isPlain(top)
  return {
    branch,
    head: sha,
    onTarget,
    onMission,
    quiet: clean || quietByGit,
    dirt: dirt.filter(entry => !isLink(ports, top, entry)),
    uncover: uncover(ports.files, top, dirt),
    operation,
    lock: ports.git.indexLock(top),
  }
}

/**
 * That a submodule stands elsewhere than the index says concerns no merge, and no stash takes it along; neither does one
 * the link that an accidental `git add` made of a lane's worktree, once that is gone.
 */
function isLink({ files }: Pick<Ports, 'files'>, top: string, { code, path }: StatusEntry): boolean {
  if (dirname(path) === '.worktrees') return code !== '??'
  return code === ' M' && files.stat(join(top, path))?.kind === 'directory'
}

/** A protected branch, or one that the project reaches by pull requests. A branch that a mission has to itself is neither. */
function closedTarget(ports: Ports, { config, options, mission, project }: MergeRequest): string | undefined {
  const { target } = options
  if (isProtected(ports, config, target))
    return `Branch ${target} is protected by .kittify/config.yaml: the merge would commit to it`
  if (config.delivery !== 'pull_request') return undefined
  const beside = mission.homeBranch !== mission.targetBranch && target === mission.targetBranch
  if (!beside && target !== primaryBranch(ports, project, config)) return undefined
  return `${target} is reached by pull requests (delivery in .kittify/config.yaml): the merge would commit to it`
}

/** By the graph; git is asked where one of the two lies before it. */
async function distance(
  ports: Pick<Ports, 'git'>,
  { top }: Project,
  graph: Graph,
  base: Sha | null,
  target: Sha | null,
  upstream: Sha | null,
) {
  if (target === null || upstream === null || target === upstream) return { ahead: 0, behind: 0 }
  // The graph ends at the base: what goes on from before it, only git can count.
  const inSight = (tip: Sha) => base !== null && standsOn(graph, tip, base)
  if (inSight(target) && inSight(upstream)) {
    const [ours, theirs] = [closure(graph, target), closure(graph, upstream)]
    const only = (a: ReadonlySet<Sha>, b: ReadonlySet<Sha>) => [...a].filter(commit => !b.has(commit)).length
    return { ahead: only(ours, theirs), behind: only(theirs, ours) }
  }
  const [behind, ahead] = await Promise.all([
    ports.git.commits(top, target, upstream),
    ports.git.commits(top, upstream, target),
  ])
  return { ahead: ahead.length, behind: behind.length }
}

/** What git calls the target that is built on: the local one may be behind where a pull request goes. */
export function targetRef({
  rev,
  remoteRev,
  options,
  byRequest,
  remote,
}: Pick<MergeFacts, 'rev' | 'remoteRev' | 'options' | 'byRequest' | 'remote'>) {
  return byRequest && remote.tracking !== undefined ? remoteRev(remote.tracking) : rev(options.target)
}

/** Short name → full name of the reference. */
export function head(branch: string): string {
  return `refs/heads/${branch}`
}

/** Of a lane that has work to be merged: it began, and not all of it was finished or given up before. */
export function takesPart(lane: LaneFact): boolean {
  return !lane.canceled && !lane.finished
}

/** Bookkeeping that is uncommitted on disk and goes with the merge: paths relative to the top. */
export function uncommittedBookkeeping({
  standing,
  mission,
}: Pick<MergeFacts, 'standing' | 'mission'>): readonly string[] {
  return standing.dirt
    .filter(
      entry =>
        isBookkeeping(mission, entry.path, entry.code) &&
        !entry.code.includes('D') &&
        !isUnmerged(entry.code),
    )
    .map(entry => entry.path)
}

/** The same without the files that the merge computes anew. */
export function carriedFiles(facts: Pick<MergeFacts, 'standing' | 'mission'>): readonly string[] {
  return uncommittedBookkeeping(facts).filter(path => !isComputed(facts.mission, path))
}

export function isUnmerged(code: string): boolean {
  return code.includes('U') || code === 'AA' || code === 'DD'
}
