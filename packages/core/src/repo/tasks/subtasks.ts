/** Which subtasks of a work package are still open: one rule for every guard that asks (docs/log.md). */

import type { Reduction } from '../log/reduce.ts'
import { parseTasks, wpSections } from './document.ts'
import { readCheckbox } from './rows.ts'

export interface OpenSubtask {
  readonly id: string
  /** The row as it is written, trimmed. */
  readonly row: string
}

/**
 * The unticked `- [ ] T001` rows in the work package's sections of tasks.md; none where there is no such file or
 * section. A row that a later edition ticked in the log is done as well.
 */
export function openSubtasks(
  tasksText: string | undefined,
  wpId: string,
  ticks: Reduction['ticks'],
): readonly OpenSubtask[] {
  const document = parseTasks(tasksText ?? '')
  const done = ticks.get(wpId)
  return wpSections(document)
    .filter(section => section.wp === wpId)
    .flatMap(section => document.lines.slice(section.start, section.end))
    .flatMap(line => {
      const box = line.fenced ? undefined : readCheckbox(line.text)
      if (box?.state !== 'pending' || done?.get(box.id) === 'done') return []
      return /^T\d/.test(box.id) ? [{ id: box.id, row: line.text.trim() }] : []
    })
}
