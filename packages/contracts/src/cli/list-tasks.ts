/** `spec-kitty agent tasks list-tasks --json`. */
import * as v from 'valibot'

export const ListTasks = v.object({
  /** By id. */
  tasks: v.array(
    v.object({
      work_package_id: v.string(),
      title: v.string(),
      lane: v.string(),
      /** Absolute. */
      path: v.string(),
    }),
  ),
  count: v.number(),
})
export type ListTasks = v.InferOutput<typeof ListTasks>
