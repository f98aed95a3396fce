/** What the checks of one mission look at. */
import { KittyError, unlessRefused } from '@spec-kitty/contracts/errors'
import type { LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import type { Sha } from '@spec-kitty/contracts/ids'
import { isTerminal } from '@spec-kitty/contracts/lanes'
import { readLanes } from '../repo/lanes/manifest.ts'
import { laneBranch, PLANNING_LANE } from '../repo/lanes/names.ts'
import { type Reduction, reduceLog } from '../repo/log/reduce.ts'
import { readLogFile } from '../repo/log/source.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import type { Project } from '../repo/project/locate.ts'
import { isMerged } from '../repo/summary.ts'
import { listWpFiles, readWorkPackages, type WorkPackages } from '../repo/tasks/work-package.ts'
import { join } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'

/** Everything the checks of one mission look at, read once. */
export interface MissionFacts {
  readonly project: Project
  readonly mission: Mission
  /** Undefined when the log cannot be read. */
  readonly reduction: Reduction | undefined
  readonly packages: WorkPackages
  readonly wpIds: readonly string[]
  readonly tasksText: string | undefined
  readonly lanes: LanesJson | KittyError | undefined
  /** References among those the mission should have. */
  readonly refs: ReadonlyMap<string, Sha>
  /** Names in `.worktrees/`. */
  readonly worktrees: readonly string[]
  /** Merged, closed, or every work package finished: what is wrong with its files is history. */
  readonly finished: boolean
  readonly now: string
}

/** Reads them: files and references. */
export async function readFacts(
  ports: Ports,
  project: Project,
  mission: Mission,
  now: string,
): Promise<MissionFacts> {
  const paths = missionPaths(mission)
  const reduction = unlessRefused(
    () => reduceLog(readLogFile(ports, paths.log) ?? ''),
    () => undefined,
  )
  const lanes = orRefusal(() => readLanes(ports, mission))
  const branches = lanes === undefined || lanes instanceof KittyError ? [] : branchesOf(mission, lanes)
  const states = [...(reduction?.workPackages.values() ?? [])]
  const over = isMerged(mission) || typeof mission.meta.closed_at === 'string'
  return {
    project,
    mission,
    reduction,
    packages: await readWorkPackages(ports, mission),
    wpIds: [...new Set(listWpFiles(ports, mission).map(file => file.id))],
    tasksText: ports.files.text(paths.tasksFile),
    lanes,
    refs: ports.git.named(project.top, [mission.targetBranch, ...branches].map(headOf)),
    worktrees: ports.files.list(join(project.root, '.worktrees')),
    finished: over || (states.length > 0 && states.every(state => isTerminal(state.lane))),
    now,
  }
}

function branchesOf(mission: Mission, lanes: LanesJson): readonly string[] {
  const code = lanes.lanes.filter(lane => lane.lane_id !== PLANNING_LANE)
  return [lanes.mission_branch, ...code.map(lane => laneBranch(mission, lane.lane_id))]
}

/** Short name → full name of the reference. */
export const headOf = (branch: string): string => `refs/heads/${branch}`

/** What is read, or why it is not. */
export function orRefusal<T>(read: () => T): T | KittyError {
  return unlessRefused(read, refusal => refusal)
}
