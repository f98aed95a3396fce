/** How many subtasks of each work package are done: the ticks of tasks.md, and those a later edition keeps in the log. */
import type { Reduction } from '../repo/log/reduce.ts'
import { parseTasks, wpSections } from '../repo/tasks/document.ts'
import { readCheckbox } from '../repo/tasks/rows.ts'

export interface SubtaskCount {
  readonly done: number
  readonly total: number
}

/** Work packages without subtasks are left out. A subtask is done if either source says so. */
export function countSubtasks(
  tasksText: string | undefined,
  ticks: Reduction['ticks'],
): ReadonlyMap<string, SubtaskCount> {
  const done = new Map<string, Map<string, boolean>>()
  const of = (wp: string): Map<string, boolean> => {
    const known = done.get(wp)
    if (known !== undefined) return known
    const fresh = new Map<string, boolean>()
    done.set(wp, fresh)
    return fresh
  }
  const note = (mine: Map<string, boolean>, id: string, ticked: boolean): void => {
    mine.set(id, ticked || mine.get(id) === true)
  }
  const document = parseTasks(tasksText ?? '')
  for (const { wp, start, end } of wpSections(document)) {
    for (let i = start; i < end; i++) {
      const line = document.lines[i]
      const row = line === undefined || line.fenced ? undefined : readCheckbox(line.text)
      if (row !== undefined && /^T\d/.test(row.id)) note(of(wp), row.id, row.state === 'done')
    }
  }
  for (const [wp, mine] of ticks) for (const [id, tick] of mine) note(of(wp), id, tick === 'done')
  return new Map(
    [...done].map(([wp, mine]) => [
      wp,
      { done: [...mine.values()].filter(Boolean).length, total: mine.size },
    ]),
  )
}
