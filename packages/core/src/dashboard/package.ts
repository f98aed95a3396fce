/** One work package as the dashboard shows it, its lane as git has it, and the diff that a reviewer reads. */
import type { LaneTruth, PackageDetail, PackageDiff } from '@spec-kitty/contracts/dashboard/package'
import { formatMicros } from '@spec-kitty/contracts/time'
import { describePackage } from '../board/story.ts'
import { readLanes } from '../repo/lanes/manifest.ts'
import { laneBranch, laneDirectory, PLANNING_LANE } from '../repo/lanes/names.ts'
import { exits } from '../repo/log/matrix.ts'
import { laneOf } from '../repo/log/reduce.ts'
import type { Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import { readSubtasks } from '../repo/tasks/subtasks.ts'
import { findWorkPackage, readWorkPackages } from '../repo/tasks/work-package.ts'
import { lanePlace } from '../tasks/move-task/lane-work.ts'
import { relativeTo } from '../text/paths.ts'
import { sameWp, wpKey } from '../text/wp-id.ts'
import type { Ports } from '../world/ports.ts'
import type { LiveLog } from './live-log.ts'

/** Most paths that are listed of a worktree with uncommitted work. */
const MOST_DIRTY = 100
const FILES = { files: 300, each: 200_000, total: 4_000_000 }
const ONE_FILE = { files: 1, each: 2_000_000, total: 2_100_000 }

/** Throws `wp_not_found`, `file_malformed`. */
export async function packageDetail(
  ports: Ports,
  project: Project,
  mission: Mission,
  { reduction, events }: LiveLog,
  handle: string,
): Promise<PackageDetail> {
  const wp = await findWorkPackage(ports, mission, handle)
  const { found } = await readWorkPackages(ports, mission)
  const mine = events.flatMap(({ index, event_id, lane_after, ...event }) =>
    sameWp(event.wp_id, wp.id) ? [event] : [],
  )
  const rows = readSubtasks(ports, mission, reduction.ticks).get(wpKey(wp.id)) ?? []
  const { laneId, branch } = lanePlace(ports, mission, wp.id)
  return {
    ...(await describePackage(ports, { project, mission, wp, reduction, events: mine })),
    prompt: wp.body,
    path: relativeTo(project.root, wp.path),
    subtasks: rows.map(({ id, row, done }) => ({ id: id ?? null, text: row, done })),
    dependencies: [...wp.dependencies],
    dependents: found.filter(other => other.dependencies.includes(wp.id)).map(other => other.id),
    owned_files: [...wp.ownedFiles],
    requirement_refs: [...wp.requirementRefs],
    lane_truth:
      laneId === undefined || branch === undefined ? null : await laneTruth(ports, project, mission, laneId),
    moves: [...exits(laneOf(reduction, wp.id))],
  }
}

/** All lanes of code. Throws `file_malformed` (lanes.json). */
export async function laneTruths(ports: Ports, project: Project, mission: Mission): Promise<LaneTruth[]> {
  const lanes = (readLanes(ports, mission)?.lanes ?? []).filter(lane => lane.lane_id !== PLANNING_LANE)
  const truths: LaneTruth[] = []
  // One after the other: a mission may have many, and each starts some gits.
  for (const { lane_id } of lanes) truths.push(await laneTruth(ports, project, mission, lane_id))
  return truths
}

/** Four git processes at most. */
async function laneTruth(
  ports: Ports,
  project: Project,
  mission: Mission,
  laneId: string,
): Promise<LaneTruth> {
  const { git } = ports
  const branch = laneBranch(mission, laneId)
  const directory = laneDirectory(project, mission, laneId)
  const base = baseName(ports, project, mission)
  const shas = git.named(project.top, [`refs/heads/${branch}`, `refs/heads/${base}`])
  const [tip, under] = [branch, base].map(name => shas.get(`refs/heads/${name}`))
  const present = ports.files.stat(directory)?.kind === 'directory'
  const both = tip !== undefined && under !== undefined
  const [ahead, behind, status] = await Promise.all([
    both ? git.commits(project.top, under, tip) : undefined,
    both ? git.commits(project.top, tip, under) : undefined,
    present ? git.status(directory) : [],
  ])
  const last = /> (\d+) [+-]\d{4}(?:\t|$)/.exec(lastReflog(ports, project, branch))?.[1]
  return {
    lane_id: laneId,
    branch,
    worktree: present ? directory : null,
    ahead: ahead?.length ?? null,
    behind: behind?.length ?? null,
    base,
    dirty: status.slice(0, MOST_DIRTY).map(entry => entry.path),
    dirty_count: status.length,
    last_commit: tip ?? null,
    last_commit_at: last === undefined ? null : formatMicros(Number(last) * 1_000_000),
  }
}

function lastReflog({ files }: Pick<Ports, 'files'>, project: Project, branch: string): string {
  return files.text(`${project.commonDir}/logs/refs/heads/${branch}`)?.trimEnd().split('\n').at(-1) ?? ''
}

/** The mission branch, or the target before that exists. */
function baseName(ports: Pick<Ports, 'files' | 'git'>, project: Project, mission: Mission): string {
  const name = readLanes(ports, mission)?.mission_branch
  if (name === undefined) return mission.targetBranch
  return ports.git.named(project.top, [`refs/heads/${name}`]).size > 0 ? name : mission.targetBranch
}

/** What the lane has done since it left its base, as `git diff base...lane` has it. Throws `wp_not_found`. */
export async function packageDiff(
  ports: Ports,
  project: Project,
  mission: Mission,
  handle: string,
  path?: string,
): Promise<PackageDiff> {
  const wp = await findWorkPackage(ports, mission, handle)
  const { branch } = lanePlace(ports, mission, wp.id)
  const about = { mission_slug: mission.slug, wp_id: wp.id }
  const nothing: PackageDiff = { ...about, base: null, head: null, files: [], total_files: 0 }
  const head = branch === undefined ? undefined : refOf(ports, project, branch)
  if (head === undefined) return nothing
  const under = refOf(ports, project, baseName(ports, project, mission))
  const base = under === undefined ? null : await ports.git.mergeBase(project.top, under, head)
  if (base === null) return { ...nothing, head }
  const ask = path === undefined ? FILES : { ...ONE_FILE, path }
  const { files, count } = await ports.git.patches(project.top, base, head, ask)
  return {
    ...about,
    base,
    head,
    files: files.map(({ oldPath, ...file }) => ({ ...file, old_path: oldPath })),
    total_files: count,
  }
}

function refOf({ git }: Pick<Ports, 'git'>, project: Project, branch: string) {
  return git.named(project.top, [`refs/heads/${branch}`]).get(`refs/heads/${branch}`)
}
