/**
 * The front matter of `tasks/WPnn-….md` (docs/formats.md). Read leniently: unknown keys are kept, and only
 * `validate-workflow` holds a file against this.
 */
import * as v from 'valibot'

const Words = v.union([v.array(v.string()), v.string()], 'is no list of texts')
const Text = v.union([v.string(), v.number()], 'is no text')
const filled = v.pipe(v.string('is no text'), v.trim(), v.nonEmpty('is empty'))

export const WorkPackageMeta = v.looseObject({
  work_package_id: v.pipe(filled, v.regex(/^WP\d{2,}$/, 'is not WP and two or more digits')),
  title: filled,
  dependencies: v.optional(
    v.union(
      [v.array(v.pipe(v.string(), v.regex(/^WP\d{2,}$/))), v.string()],
      'is no list of work package ids',
    ),
  ),
  requirement_refs: v.optional(Words),
  tracker_refs: v.optional(Words),
  owned_files: v.optional(Words),
  create_intent: v.optional(Words),
  tags: v.optional(Words),
  subtasks: v.optional(v.array(v.unknown(), 'is no list')),
  history: v.optional(v.array(v.unknown(), 'is no list')),
  execution_mode: v.optional(
    v.picklist(['code_change', 'planning_artifact'], 'is neither code_change nor planning_artifact'),
  ),
  base_commit: v.nullish(v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{7,64}|unknown)$/, 'is no commit id'))),
  agent: v.nullish(v.union([v.string(), v.looseObject({ tool: v.string() })], 'is no name')),
  shell_pid: v.nullish(Text),
})
export type WorkPackageMeta = v.InferOutput<typeof WorkPackageMeta>

/** What is wrong with a front matter, by key; empty when nothing is. */
export function workPackageIssues(
  fields: unknown,
): readonly { readonly key: string; readonly message: string }[] {
  return (v.safeParse(WorkPackageMeta, fields).issues ?? []).map(issue => ({
    key: String(issue.path?.[0]?.key ?? ''),
    message: issue.received === 'undefined' ? 'is missing' : issue.message,
  }))
}
