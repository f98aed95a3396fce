/** `agent tasks status` and `agent tasks list-tasks`: read only. */
import type { ListTasks } from '@spec-kitty/contracts/cli/list-tasks'
import type { TasksStatus } from '@spec-kitty/contracts/cli/tasks-status'
import { KittyError } from '@spec-kitty/contracts/errors'
import { DISPLAY_LANES } from '@spec-kitty/contracts/lanes'
import { sh } from '@spec-kitty/contracts/sh'
import { waitingLanding } from '../landing/waiting.ts'
import { viewStatus } from '../repo/log/emit.ts'
import { targetLane } from '../repo/log/matrix.ts'
import { laneOf } from '../repo/log/reduce.ts'
import { resolveMission } from '../repo/mission/handle.ts'
import { readConfig } from '../repo/project/config.ts'
import { locateProject, requireKittify } from '../repo/project/locate.ts'
import { packagesWithoutFile, withoutFile } from '../repo/tasks/without-file.ts'
import { listWpFiles, readPackageFronts } from '../repo/tasks/work-package.ts'
import type { Ports } from '../world/ports.ts'
import { readBoard, readForBoard } from './overview.ts'
import { tellPeople } from './words.ts'

export interface StatusInput {
  readonly mission?: string | undefined
  /** Minutes. */
  readonly staleThreshold?: number | undefined
  /** See `readBoard`. */
  readonly rowsPerLane?: number | undefined
}

/** Throws `mission_not_found` and its kin, `log_corrupt`. */
export async function tasksStatus(ports: Ports, input: StatusInput): Promise<TasksStatus> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const mission = resolveMission(ports, project, input.mission)
  const config = await readConfig(ports, project)
  const { staleThreshold: staleMinutes, rowsPerLane } = input
  const log = await readForBoard(ports, project, mission, config)
  const read = await readBoard(ports, project, mission, { config, staleMinutes, rowsPerLane, log })
  // Who wants all rows is a program, and asks for one package with `show`.
  const board = rowsPerLane === undefined ? read : await tellPeople(ports, mission, read, log)
  const landing = await waitingLanding(ports, project, mission)
  if (landing?.arrived === undefined) return board
  const { target: target_branch, command: settle, arrived } = landing
  const { how, commit } = arrived
  return { ...board, landed: { target_branch, how, commit, settle } }
}

export interface ListInput {
  readonly mission?: string | undefined
  /** As people spell it: `doing` is `in_progress`. */
  readonly lane?: string | undefined
}

/** A work package without events counts as planned here. Throws `invalid_lane`, `log_corrupt`. */
export async function listTasks(ports: Ports, input: ListInput): Promise<ListTasks> {
  const wanted = input.lane === undefined ? undefined : requireLane(input.lane)
  const project = locateProject(ports)
  requireKittify(ports, project)
  const mission = resolveMission(ports, project, input.mission)
  const { reduction } = await viewStatus(ports, project, mission)
  const { found, unread } = await readPackageFronts(ports, mission)
  for (const { error } of unread) ports.note(error.message)
  const files = listWpFiles(ports, mission)
  for (const id of packagesWithoutFile(ports, mission, files)) ports.note(withoutFile(id, mission))
  const titles = new Map(found.map(item => [item.path, item.title]))
  const tasks = files
    .map(({ id, path }) => {
      const lane = laneOf(reduction, id)
      // A file that cannot be read is still a work package, as on the board.
      return {
        work_package_id: id,
        title: titles.get(path) ?? id,
        lane: lane === 'genesis' ? 'planned' : lane,
        path,
      }
    })
    .filter(task => wanted === undefined || task.lane === wanted)
  return { tasks, count: tasks.length }
}

function requireLane(text: string): string {
  const lane = targetLane(text)
  if (lane !== undefined) return lane
  throw new KittyError(
    'invalid_lane',
    `Invalid lane '${text}'. Expected one of ${DISPLAY_LANES.join(', ')}.`,
    {
      hint: sh`doing stands for in_progress`,
      data: { lane: text },
    },
  )
}
