/** Result of `verify-setup`: keys of 3.2.0. Exit status 1 when doctor finds an error. */
import * as v from 'valibot'
import { DoctorFinding } from './doctor.ts'

const Names = v.array(v.string())

export const VerifySetup = v.strictObject({
  environment: v.strictObject({
    working_directory: v.string(),
    repo_root: v.string(),
    /** Null where nobody has run init. */
    project_root: v.nullable(v.string()),
    in_worktree: v.boolean(),
    current_branch: v.nullable(v.string()),
    active_mission: v.nullable(v.string()),
  }),
  feature_detection: v.union([
    v.strictObject({ detected: v.literal(false), error: v.string() }),
    v.strictObject({
      detected: v.literal(true),
      mission_slug: v.string(),
      mission_number: v.nullable(v.number()),
      mission_type: v.string(),
    }),
  ]),
  worktree_status: v.strictObject({
    total_features: v.number(),
    active_worktrees: v.number(),
    merged_features: v.number(),
    in_development: v.number(),
    not_started: v.number(),
  }),
  file_integrity: v.strictObject({
    active_mission: v.nullable(v.string()),
    /** Files of ours for the configured agents. */
    total_expected: v.number(),
    total_present: v.number(),
    total_missing: v.number(),
    missing_files: Names,
    outdated_files: Names,
    edited_files: Names,
  }),
  /** Null without a mission. */
  feature_analysis: v.nullable(
    v.strictObject({
      name: v.string(),
      branch_exists: v.boolean(),
      branch_merged: v.boolean(),
      worktree_exists: v.boolean(),
      worktree_path: v.nullable(v.string()),
      artifacts_in_main: Names,
      artifacts_in_worktree: Names,
      last_activity: v.nullable(v.string()),
      state: v.picklist(['merged', 'closed', 'in_development', 'not_started']),
    }),
  ),
  recommendations: Names,
  observations: Names,
  tools: v.record(v.string(), v.strictObject({ available: v.boolean() })),
  findings: v.array(DoctorFinding),
})
export type VerifySetup = v.InferOutput<typeof VerifySetup>
