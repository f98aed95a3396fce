/** The state of the code of a work package: its lane's worktree and branch, and what speaks against handing it over. */
import type { Sha } from '@spec-kitty/contracts/ids'
import type { Lane } from '@spec-kitty/contracts/lanes'
import { part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { commitAll, type LaneDirt, laneDirt } from '../../repo/lanes/dirt.ts'
import { findLost, lastStand, WITNESSES } from '../../repo/lanes/lost.ts'
import { readLanes } from '../../repo/lanes/manifest.ts'
import { laneBranch, laneDirectory, PLANNING_LANE } from '../../repo/lanes/names.ts'
import { addAgain, laneSite, wayBack, withStaged } from '../../repo/lanes/place.ts'
import type { Mission } from '../../repo/mission/handle.ts'
import { gitPath, type Project, worktreeGitDir } from '../../repo/project/locate.ts'
import { revision } from '../../repo/project/revision.ts'
import { readStop, type Stop } from '../../repo/project/stop.ts'
import { few, isInside } from '../../text/paths.ts'
import type { Ports } from '../../world/ports.ts'

export interface LaneWork {
  /** Absolute. */
  readonly directory: string
  /** Short name of the lane's branch. */
  readonly branch: string
  /** Makes the worktree anew, for whoever works on the package. */
  readonly recover: Remedy
  /** The branch is not there: how it is had again. */
  readonly lost: Remedy | undefined
  readonly present: boolean
  /** The command that makes its worktree, where there is none. */
  readonly again: Remedy
  /** What lies staged there, in no commit, though the folder is gone. */
  readonly staged: readonly string[]
  /** False: a folder of that name that is no worktree. */
  readonly real: boolean
  /** Its worktree is not on the branch, but on another or none: how it comes back. */
  readonly astray: { readonly on: string | null; readonly back: Remedy } | undefined
  /** A merge, rebase … that has not been ended. */
  readonly stop: Stop | undefined
  /** What is uncommitted, our own bookkeeping left out. */
  readonly dirt: LaneDirt
  /** The branch it must contain: the mission branch, or the target branch before that exists. */
  readonly base: string
  /** The same where a command of git takes any commit. */
  readonly baseRev: string
  /** The lane has commits of its own. */
  readonly ahead: boolean
  /** Paths that the base changed and the lane does not have; planning files left out. */
  readonly missing: readonly string[]
  /** Planning files that the lane changed. */
  readonly planning: readonly string[]
  /** Where the lane left the base; undefined where that is not known. */
  readonly fork: Sha | undefined
}

export interface LanePlace {
  readonly wpId: string
  readonly laneId: string | undefined
  /** Short name; undefined for planning work. */
  readonly branch: string | undefined
  readonly missionBranch: string | undefined
}

type Where = Pick<Ports, 'files' | 'git'>

/** Which lane a work package belongs to. Throws `file_malformed` (lanes.json). */
export function lanePlace(ports: Pick<Ports, 'files'>, mission: Mission, wpId: string): LanePlace {
  const lanes = readLanes(ports, mission)
  const laneId = lanes?.lanes.find(lane => lane.wp_ids.includes(wpId))?.lane_id
  const code = laneId !== undefined && laneId !== PLANNING_LANE
  return {
    wpId,
    laneId,
    branch: code ? laneBranch(mission, laneId) : undefined,
    missionBranch: lanes?.mission_branch,
  }
}

/** Undefined for planning work. The branch is asked, and its worktree where there is one: three git processes at most. */
export async function readLaneWork(
  ports: Where,
  project: Project,
  mission: Mission,
  { wpId, laneId, branch, missionBranch }: LanePlace,
  baseCommit: string | undefined,
  to: Lane,
): Promise<LaneWork | undefined> {
  if (laneId === undefined || branch === undefined) return undefined
  const home = laneDirectory(project, mission, laneId)
  const recover = sh`spec-kitty implement ${wpId} --recover --mission ${mission.slug}`
  const known = laneSite(ports.files, await ports.git.worktrees(project.top), home, branch)
  const site = await withStaged(ports.git, project.top, known)
  const directory = site.folder === 'absent' ? (site.elsewhere ?? home) : home
  const tip = ports.git.named(project.top, [`refs/heads/${branch}`]).get(`refs/heads/${branch}`)
  // A link to a folder is where somebody moved it.
  const present = ['directory', 'link'].includes(ports.files.stat(directory)?.kind ?? '')
  // Never begun in a lane: no branch to miss. Missions made by hand or by other tools have no lanes at all.
  if (tip === undefined && !present && baseCommit === undefined) return undefined
  // What is done is on the target: that it is there is asked for by itself.
  if (!present && to === 'done') return undefined
  const gitDir = present ? worktreeGitDir(ports.files, directory) : undefined
  const head = gitDir === undefined ? { branch, sha: tip ?? null } : ports.git.head(directory)
  const base = baseOf(ports, project, mission, missionBranch)
  const astray = head.branch !== branch && tip !== undefined && head.sha !== null
  const [status, history, ahead, lost] = await Promise.all([
    gitDir === undefined ? [] : ports.git.status(directory),
    head.sha === null || base.sha === undefined
      ? undefined
      : compare(ports, project, { base: base.sha, target: base.target, lane: head.sha }),
    astray && ports.git.isAncestor(project.top, tip, head.sha),
    tip === undefined ? findBranch(ports, project, directory, branch, baseCommit) : undefined,
  ])
  const wanting = (history?.missing ?? []).length + (history?.planning ?? []).length > 0
  return {
    directory,
    branch,
    recover,
    lost: tip === undefined ? (lost ?? recover) : undefined,
    present,
    again: addAgain(project.top, site, branch),
    staged: present ? [] : (site.staged?.paths ?? []),
    real: !present || gitDir !== undefined,
    astray:
      head.branch === branch
        ? undefined
        : {
            on: head.branch,
            back: wayBack(ports.git, { path: directory, branch, on: head.branch, head: head.sha, ahead }),
          },
    stop: gitDir === undefined ? undefined : await readStop(ports, directory),
    dirt: laneDirt(ports.files, project.commonDir, directory, status),
    base: base.name,
    baseRev: wanting ? revision(ports.git, project.top, base.name) : base.name,
    ahead: history === undefined || (history.ahead && head.sha !== baseCommit),
    missing: history?.missing ?? [],
    planning: history?.planning ?? [],
    fork: history?.fork,
  }
}

/** How a branch that is gone is had again, where a trace of it is left. */
async function findBranch(
  ports: Where,
  { top, commonDir }: Project,
  directory: string,
  branch: string,
  recorded: string | undefined,
): Promise<Remedy | undefined> {
  const refs = await ports.git.refs(top, WITNESSES)
  return findLost({ branch, refs, stood: lastStand(ports.files, commonDir, directory), recorded })?.remedy
}

function baseOf(ports: Where, project: Project, mission: Mission, missionBranch: string | undefined) {
  const names = missionBranch === undefined ? [mission.homeBranch] : [missionBranch, mission.homeBranch]
  const refs = ports.git.named(
    project.top,
    names.map(name => `refs/heads/${name}`),
  )
  const name = names.find(candidate => refs.has(`refs/heads/${candidate}`)) ?? mission.homeBranch
  const target = refs.get(`refs/heads/${mission.homeBranch}`)
  const sha = refs.get(`refs/heads/${name}`)
  return { name, sha, target: target === sha ? undefined : target }
}

/** `target`: where the mission lands, when that is not the base itself; what a lane has from there is not its own. */
async function compare(
  { git }: Where,
  project: Project,
  { base, target, lane }: { readonly base: Sha; readonly target: Sha | undefined; readonly lane: Sha },
) {
  const { top } = project
  if (base === lane) return { ahead: false, missing: [], planning: [], fork: base }
  const fork = await git.mergeBase(top, base, lane)
  if (!fork) return { ahead: true, missing: [], planning: [], fork: undefined }
  const [mine = [], theirs = []] = await git.diffs(top, [
    [fork, lane],
    [fork, base],
  ])
  const missing = theirs.map(diff => diff.path).filter(path => !isPlanning(project, path))
  const planning = mine.map(diff => diff.path).filter(path => isInside(gitPath(project, 'kitty-specs'), path))
  const found = { ahead: fork !== lane, missing, planning, fork }
  const later = planning.length === 0 || !target ? null : await git.mergeBase(top, target, lane)
  if (later === null || later === fork) return found
  const [since = []] = await git.diffs(top, [[later, lane]])
  const own = new Set(since.map(diff => diff.path))
  const start = (await git.isAncestor(top, fork, later)) ? later : fork
  return { ...found, planning: planning.filter(path => own.has(path)), fork: start }
}

function isPlanning(project: Project, path: string): boolean {
  return ['kitty-specs', '.kittify'].some(name => isInside(gitPath(project, name), path))
}

export interface LaneProblem {
  readonly message: string
  readonly hint: Remedy
}

/** Everything that keeps this work from being handed over. Pure. */
export function laneProblems(work: LaneWork): readonly LaneProblem[] {
  const { directory, branch, base, baseRev } = work
  const there = sh`git -C ${directory}`
  const at = part(work.present ? there : sh`${part(work.again)} && ${part(there)}`)
  const again = part(there)
  if (!work.real) {
    const hint = sh`mv ${directory} ${`${directory}.aside`} && ${part(work.recover)}`
    return [{ message: `${directory} is no worktree of this repository`, hint }]
  }
  if (work.lost !== undefined) {
    return [{ message: `${branch} does not exist: there is nothing to look at`, hint: work.lost }]
  }
  const problems: LaneProblem[] = []
  const add = (message: string, hint: Remedy): void => void problems.push({ message, hint })
  if (work.stop !== undefined) {
    const { name, goOn } = work.stop
    add(`a ${name} is in progress in ${directory}`, sh`Finish it: ${part(goOn)}`)
  } else if (work.astray !== undefined) {
    const { on } = work.astray
    const found = on === null ? 'a detached HEAD' : `branch ${on}`
    add(`${directory} is on ${found}, not on ${branch}`, work.astray.back)
  }
  if (work.staged.length > 0) {
    const message = `the folder ${directory} is gone, and what was staged there is in no commit: ${few(work.staged)}`
    add(message, sh`Bring it back, and commit it: ${part(work.again)}`)
  }
  if (work.dirt.paths.length > 0) {
    const remedy = commitAll(directory, work.dirt, 'Describe the work')
    add(`uncommitted changes in ${directory}: ${few(work.dirt.paths)}`, remedy)
  }
  // Before the merge that comes next: planning files changed on both sides would conflict.
  if (work.planning.length > 0) {
    const restore = sh`${at} restore --source=${work.fork ?? baseRev} --staged --worktree --ignore-skip-worktree-bits -- ${work.planning}`
    const remedy = sh`${part(restore)} && ${again} commit -m "Take planning files out of the lane"`
    add(`planning files were changed on ${branch}: ${few(work.planning)}`, remedy)
  }
  if (work.missing.length > 0) {
    add(`${branch} is behind ${base}: ${few(work.missing)}`, sh`${at} merge ${baseRev}`)
  }
  const commit = sh`Commit the work in ${directory}`
  const place = sh`Make its worktree, and commit the work there: ${part(work.again)}`
  if (!work.ahead) add(`${branch} has no commits beyond ${base}`, work.present ? commit : place)
  return problems
}
