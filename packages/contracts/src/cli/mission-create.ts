/** `agent mission create --json`, also `specify` (docs/missions.md). */
import * as v from 'valibot'
import { BranchContract } from './branch-contract.ts'

export const MissionCreate = v.object({
  result: v.literal('success'),
  mission_slug: v.string(),
  mission_number: v.null(),
  mission_id: v.string(),
  mission_type: v.string(),
  /** Same as `mission_slug`. */
  slug: v.string(),
  friendly_name: v.string(),
  purpose_tldr: v.string(),
  purpose_context: v.string(),
  /** Paths are absolute. */
  feature_dir: v.string(),
  spec_file: v.string(),
  meta_file: v.string(),
  created_at: v.string(),
  created_files: v.array(v.string()),
  /** The files exist and are to be edited, not created. */
  write_mode: v.literal('update_existing_files'),
  scaffold_only: v.literal(true),
  requires_agent_authoring: v.literal(true),
  /** The gate that `setup-plan` will be closed by until spec.md says something. */
  plan_guard: v.string(),
  spec_state: v.literal('scaffold_only'),
  next_step: v.string(),
  /** The same. */
  next_action: v.string(),
  /** New missions are flat. */
  coordination_branch: v.null(),
  coordination_branch_created: v.literal(false),
  /** Where its bookkeeping is committed; the target, unless that is changed by pull requests alone. */
  home_branch: v.string(),
  /** Tickets are fetched by the tools of the tracker. */
  origin_binding: v.object({ attempted: v.boolean(), succeeded: v.boolean(), error: v.nullable(v.string()) }),
  ...BranchContract.entries,
  spec_kitty_version: v.string(),
})
export type MissionCreate = v.InferOutput<typeof MissionCreate>
