/** What `--dry-run` adds to the `--json` document of a command that writes: the document itself is as if it had. */
import * as v from 'valibot'

export const DryRun = v.object({
  dry_run: v.literal(true),
  /** What would be done, in order. */
  plan: v.array(
    v.object({
      /** As `append_events`, `write_file`, `commit`. */
      kind: v.string(),
      /** Files, checkouts or worktrees, relative to the current directory where they lie below it; for `update_refs` references. */
      paths: v.array(v.string()),
      /** For people. */
      summary: v.string(),
    }),
  ),
})
export type DryRun = v.InferOutput<typeof DryRun>
