/** `spec-kitty verify`: whether the missions of a branch are consistent. Exit status 1 when they are not. */
import * as v from 'valibot'
import { DoctorFinding } from './doctor.ts'
import { TasksStatus } from './tasks-status.ts'

export const Verify = v.strictObject({
  /** No finding is an error. */
  ok: v.boolean(),
  spec_kitty_version: v.string(),
  /** The commit that the branch was compared with; null where none is known here. */
  base: v.nullable(v.string()),
  missions: v.array(
    v.strictObject({
      mission_slug: v.string(),
      /** The branch changes its files; null where there is nothing to compare with. */
      changed: v.nullable(v.boolean()),
      /** Null when the mission cannot be read. */
      board: v.nullable(TasksStatus),
    }),
  ),
  findings: v.array(DoctorFinding),
  /** Boards and findings for a comment on the pull request. */
  markdown: v.string(),
})
export type Verify = v.InferOutput<typeof Verify>
