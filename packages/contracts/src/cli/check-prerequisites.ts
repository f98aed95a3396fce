/** `agent mission check-prerequisites --json` (docs/missions.md). Only paths that exist are listed. */
import * as v from 'valibot'
import { BranchContract } from './branch-contract.ts'

const paths = v.record(v.string(), v.string())

export const CheckPrerequisites = v.object({
  valid: v.boolean(),
  errors: v.array(v.string()),
  warnings: v.array(v.string()),
  paths,
  artifact_files: paths,
  artifact_dirs: paths,
  available_docs: v.array(v.string()),
  FEATURE_DIR: v.string(),
  AVAILABLE_DOCS: v.array(v.string()),
  ...BranchContract.entries,
  spec_kitty_version: v.string(),
})
export type CheckPrerequisites = v.InferOutput<typeof CheckPrerequisites>

const path = v.optional(v.string())

/** With `--paths-only`: empty texts for files that are absent, and the existing paths at top level. */
export const MissionPathList = v.object({
  spec_file: path,
  plan_file: path,
  tasks_file: path,
  checklists_dir: path,
  research_dir: path,
  tasks_dir: path,
  feature_dir: v.string(),
  artifact_files: paths,
  artifact_dirs: paths,
  available_docs: v.array(v.string()),
  FEATURE_DIR: v.string(),
  SPEC_FILE: v.string(),
  PLAN_FILE: v.string(),
  TASKS_FILE: v.string(),
  FEATURE_SPEC: v.string(),
  IMPL_PLAN: v.string(),
  TASKS: v.string(),
  SPECS_DIR: v.string(),
  ...BranchContract.entries,
  spec_kitty_version: v.string(),
})
export type MissionPathList = v.InferOutput<typeof MissionPathList>

export const CheckPrerequisitesCommand = v.union([CheckPrerequisites, MissionPathList])
