/** `spec-kitty charter … --json`. The keys of 3.2.0; what this edition does not have is empty. */
import * as v from 'valibot'

const Names = v.array(v.string())

export const CharterInterview = v.object({
  result: v.literal('success'),
  success: v.literal(true),
  /** Relative to the project. */
  interview_path: v.string(),
  mission: v.string(),
  profile: v.picklist(['minimal', 'comprehensive']),
  selected_paradigms: Names,
  selected_directives: Names,
  available_tools: Names,
  org_prefill_messages: Names,
  org_prefill_warning: v.null(),
  committed: v.boolean(),
})
export type CharterInterview = v.InferOutput<typeof CharterInterview>

export const CharterGenerate = v.object({
  result: v.literal('success'),
  success: v.literal(true),
  charter_path: v.string(),
  interview_source: v.picklist(['interview', 'defaults']),
  mission: v.string(),
  template_set: v.string(),
  selected_paradigms: Names,
  selected_directives: Names,
  available_tools: Names,
  references_count: v.number(),
  library_files: Names,
  files_written: Names,
  diagnostics: Names,
  committed: v.boolean(),
})
export type CharterGenerate = v.InferOutput<typeof CharterGenerate>

export const CharterStatus = v.object({
  result: v.literal('success'),
  charter_sync: v.variant('available', [
    v.object({
      available: v.literal(true),
      charter_path: v.string(),
      /** Nothing is derived from the charter, so it cannot be stale. */
      status: v.literal('synced'),
      /** `sha256:…` of the file. */
      current_hash: v.string(),
      stored_hash: v.string(),
      last_sync: v.null(),
      library_docs: v.number(),
      files: v.array(v.object({ name: v.string(), exists: v.boolean(), size_kb: v.number() })),
    }),
    v.object({ available: v.literal(false), error: v.string() }),
  ]),
  synthesis: v.object({ generation_state: v.literal('not_used') }),
  org_layer: v.null(),
})
export type CharterStatus = v.InferOutput<typeof CharterStatus>

export const CharterSync = v.object({
  result: v.literal('noop'),
  success: v.literal(true),
  stale_before: v.literal(false),
  files_written: Names,
  extraction_mode: v.literal('none'),
  error: v.null(),
  warnings: Names,
})
export type CharterSync = v.InferOutput<typeof CharterSync>

export const CharterContext = v.object({
  result: v.literal('success'),
  success: v.literal(true),
  action: v.nullable(v.string()),
  /** `missing`: there is no charter; go on without. */
  mode: v.picklist(['missing', 'compact']),
  first_load: v.literal(false),
  references_count: v.number(),
  /** Under 2 KB. */
  context: v.string(),
  /** The same as `context`. */
  text: v.string(),
  directives: v.array(
    v.object({ id: v.string(), source: v.literal('project'), title: v.string(), summary: v.string() }),
  ),
  project_charter: v.object({
    present: v.boolean(),
    path: v.string(),
    bytes: v.number(),
    hash: v.nullable(v.string()),
  }),
})
export type CharterContext = v.InferOutput<typeof CharterContext>

export const CharterPreflight = v.object({
  passed: v.boolean(),
  /** Always null: a charter is advice. */
  blocked_reason: v.null(),
  checks: v.array(
    v.object({
      name: v.literal('charter_source'),
      state: v.picklist(['fresh', 'missing']),
      detail: v.string(),
      remediation: v.nullable(v.string()),
    }),
  ),
  auto_refresh_applied: v.literal(false),
  auto_refresh_actions: Names,
})
export type CharterPreflight = v.InferOutput<typeof CharterPreflight>
