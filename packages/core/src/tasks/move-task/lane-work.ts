/** The state of the code of a work package: its lane's worktree and branch, and what speaks against handing it over. */
import type { Sha } from '@spec-kitty/contracts/ids'
import { part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { readLanes } from '../../repo/lanes/manifest.ts'
import { laneBranch, laneDirectory, PLANNING_LANE } from '../../repo/lanes/names.ts'
import type { Mission } from '../../repo/mission/handle.ts'
import { gitPath, type Project } from '../../repo/project/locate.ts'
import { operationAmong } from '../../repo/project/open-operation.ts'
import { isInside, resolvePath } from '../../text/paths.ts'
import type { Ports } from '../../world/ports.ts'

export interface LaneWork {
  /** Absolute. */
  readonly directory: string
  /** Short name of the lane's branch. */
  readonly branch: string
  /** False: a folder of that name that is no worktree. */
  readonly real: boolean
  /** Checked out there; null when detached. */
  readonly checkedOut: string | null
  /** A merge, rebase … that has not been ended. */
  readonly operation: string | undefined
  /** Uncommitted paths, our own bookkeeping left out. */
  readonly dirty: readonly string[]
  /** The branch it must contain: the mission branch, or the target branch before that exists. */
  readonly base: string
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
    laneId,
    branch: code ? laneBranch(mission, laneId) : undefined,
    missionBranch: lanes?.mission_branch,
  }
}

/** Undefined when there is no worktree to look at. Three git processes. */
export async function readLaneWork(
  ports: Where,
  project: Project,
  mission: Mission,
  { laneId, branch, missionBranch }: LanePlace,
  baseCommit: string | undefined,
): Promise<LaneWork | undefined> {
  if (laneId === undefined || branch === undefined) return undefined
  const directory = laneDirectory(project, mission, laneId)
  if (ports.files.stat(directory)?.kind !== 'directory') return undefined
  const gitDir = worktreeGitDir(ports, directory)
  const bare = {
    directory,
    branch,
    base: mission.targetBranch,
    dirty: [],
    missing: [],
    planning: [],
    fork: undefined,
  }
  if (gitDir === undefined) {
    return { ...bare, real: false, checkedOut: null, operation: undefined, ahead: false }
  }
  const head = ports.git.head(directory)
  const base = baseOf(ports, project, mission, missionBranch)
  const [status, history] = await Promise.all([
    ports.git.status(directory),
    head.sha === null || base.sha === undefined
      ? undefined
      : compare(ports, project, directory, base.sha, head.sha),
  ])
  return {
    ...bare,
    real: true,
    checkedOut: head.branch,
    operation: operationAmong(ports.files.list(gitDir))?.name,
    dirty: status.map(entry => entry.path).filter(path => !/^\.(?:spec-kitty|kittify)\//.test(path)),
    base: base.name,
    ahead: history === undefined || (history.ahead && head.sha !== baseCommit),
    missing: history?.missing ?? [],
    planning: history?.planning ?? [],
    fork: history?.fork,
  }
}

/** The git directory of a linked worktree; undefined when the folder is none. */
export function worktreeGitDir(ports: Pick<Ports, 'files'>, directory: string): string | undefined {
  const target = /^gitdir: (.+)$/m.exec(ports.files.text(`${directory}/.git`) ?? '')?.[1]
  if (target === undefined) return undefined
  const path = resolvePath(directory, target.trim())
  return ports.files.stat(path)?.kind === 'directory' ? path : undefined
}

function baseOf(ports: Where, project: Project, mission: Mission, missionBranch: string | undefined) {
  const names = missionBranch === undefined ? [mission.targetBranch] : [missionBranch, mission.targetBranch]
  const refs = ports.git.named(
    project.top,
    names.map(name => `refs/heads/${name}`),
  )
  const name = names.find(candidate => refs.has(`refs/heads/${candidate}`)) ?? mission.targetBranch
  return { name, sha: refs.get(`refs/heads/${name}`) }
}

async function compare(ports: Where, project: Project, repo: string, base: Sha, lane: Sha) {
  if (base === lane) return { ahead: false, missing: [], planning: [], fork: base }
  const fork = await ports.git.mergeBase(repo, base, lane)
  if (!fork) return { ahead: true, missing: [], planning: [], fork: undefined }
  const [mine = [], theirs = []] = await ports.git.diffs(repo, [
    [fork, lane],
    [fork, base],
  ])
  return {
    fork,
    ahead: fork !== lane,
    missing: theirs.map(diff => diff.path).filter(path => !isPlanning(project, path)),
    planning: mine.map(diff => diff.path).filter(path => isInside(gitPath(project, 'kitty-specs'), path)),
  }
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
  const { directory, branch, base } = work
  const at = part(sh`git -C ${directory}`)
  if (!work.real) {
    const hint = sh`Move the folder away, then begin the work package again: spec-kitty agent action implement`
    return [{ message: `${directory} is no worktree of this repository`, hint }]
  }
  const problems: LaneProblem[] = []
  const add = (message: string, hint: Remedy): void => void problems.push({ message, hint })
  if (work.operation !== undefined) {
    add(`a ${work.operation} is in progress in ${directory}`, sh`Finish it: ${at} status`)
  } else if (work.checkedOut !== branch) {
    const found = work.checkedOut === null ? 'a detached HEAD' : `branch ${work.checkedOut}`
    add(`${directory} is on ${found}, not on ${branch}`, sh`${at} switch ${branch}`)
  }
  if (work.dirty.length > 0) {
    add(
      `uncommitted changes in ${directory}: ${listOf(work.dirty)}`,
      sh`${at} add -A && ${at} commit -m "Describe the work"`,
    )
  }
  // Before the merge that comes next: planning files changed on both sides would conflict.
  if (work.planning.length > 0) {
    const restore = sh`${at} restore --source=${work.fork ?? base} --staged --worktree -- ${work.planning}`
    const remedy = sh`${part(restore)} && ${at} commit -m "Take planning files out of the lane"`
    add(`planning files were changed on ${branch}: ${listOf(work.planning)}`, remedy)
  }
  if (work.missing.length > 0) {
    add(`${branch} is behind ${base}: ${listOf(work.missing)}`, sh`${at} merge ${base}`)
  }
  if (!work.ahead) add(`${branch} has no commits beyond ${base}`, sh`Commit the work in ${directory}`)
  return problems
}

function listOf(paths: readonly string[]): string {
  const more = paths.length - 5
  return paths.slice(0, 5).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
