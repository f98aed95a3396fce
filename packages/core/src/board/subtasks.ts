/** How many subtasks of each work package are done: the ticks of tasks.md, and those a later edition keeps in the log. */
import type { Reduction } from '../repo/log/reduce.ts'
import type { Subtask } from '../repo/tasks/subtasks.ts'
import { wpKey } from '../text/wp-id.ts'

export interface SubtaskCount {
  readonly done: number
  readonly total: number
}

/** By the number of the work package; one without subtasks is left out. Boxes that name no task are not counted. */
export function countSubtasks(
  subtasks: ReadonlyMap<string, readonly Subtask[]>,
  ticks: Reduction['ticks'],
): ReadonlyMap<string, SubtaskCount> {
  const tasks = new Map<string, Map<string, boolean>>()
  const note = (key: string, id: string, done: boolean): void => {
    const mine = tasks.get(key) ?? new Map<string, boolean>()
    tasks.set(key, mine.set(id, done || mine.get(id) === true))
  }
  for (const [key, rows] of subtasks) {
    for (const { id, done } of rows) if (id !== undefined && isSubtask(id)) note(key, id, done)
  }
  for (const [wp, mine] of ticks) for (const [id, tick] of mine) note(wpKey(wp), id, tick === 'done')
  return new Map(
    [...tasks].map(([key, mine]) => [
      key,
      { done: [...mine.values()].filter(Boolean).length, total: mine.size },
    ]),
  )
}

function isSubtask(id: string): boolean {
  return /^(?:T|TASK)-?\d|^WP\d+-T\d/.test(id)
}
