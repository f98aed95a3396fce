/** Results of `doctor` and its filters. Paths in findings are relative to the project. */
import * as v from 'valibot'

export const DoctorFinding = v.strictObject({
  /** A word that stays the same from version to version. */
  code: v.string(),
  severity: v.picklist(['error', 'warning', 'info']),
  path: v.nullable(v.string()),
  message: v.string(),
  /** The remedy, a command where there is one: `spec-kitty doctor --fix` where doctor can mend it itself. */
  fix: v.nullable(v.string()),
})
export type DoctorFinding = v.InferOutput<typeof DoctorFinding>

/** Exit status 1 when there is an error. */
export const Doctor = v.strictObject({
  /** No finding is an error. */
  ok: v.boolean(),
  project_root: v.string(),
  /** What was looked at. */
  areas: v.array(v.string()),
  missions: v.number(),
  counts: v.strictObject({ error: v.number(), warning: v.number(), info: v.number() }),
  findings: v.array(DoctorFinding),
  /** What --fix did, a sentence each. */
  fixed: v.array(v.string()),
  /** What --fix could not do, and why. */
  not_fixed: v.array(v.string()),
})
export type Doctor = v.InferOutput<typeof Doctor>

/** `doctor identity`: keys of 3.2.0. Exit status 1 when a class named by --fail-on occurs. */
export const DoctorIdentity = v.strictObject({
  summary: v.strictObject({
    /** Id and number. */
    assigned: v.number(),
    /** Id, no number: not merged yet. */
    pending: v.number(),
    /** Number, no id. */
    legacy: v.number(),
    /** Neither. */
    orphan: v.number(),
  }),
  missions: v.array(
    v.strictObject({
      path: v.string(),
      slug: v.string(),
      mission_id: v.nullable(v.string()),
      mission_number: v.nullable(v.number()),
      state: v.picklist(['assigned', 'pending', 'legacy', 'orphan']),
      error: v.nullable(v.string()),
    }),
  ),
  /** Number → directories that share it. */
  duplicate_prefixes: v.record(v.string(), v.array(v.string())),
  /** Handle → directories that it may mean. */
  ambiguous_selectors: v.record(v.string(), v.array(v.string())),
  fail_on_triggered: v.boolean(),
  findings: v.array(DoctorFinding),
})
export type DoctorIdentity = v.InferOutput<typeof DoctorIdentity>

/** `doctor workspaces`: keys of 3.2.0. Exit status 1 when unhealthy; 0 after --fix. */
export const DoctorWorkspaces = v.strictObject({
  worktrees_dir: v.string(),
  healthy: v.boolean(),
  registration_error: v.nullable(v.string()),
  /** Directories below .worktrees that are no checkout. */
  husks: v.array(v.strictObject({ path: v.string(), registered: v.boolean() })),
  removed: v.optional(v.array(v.string())),
  /** Not empty, so left to you. */
  skipped_not_empty: v.optional(v.array(v.string())),
  skipped_registered: v.optional(v.array(v.string())),
  skipped_appeared_valid: v.optional(v.array(v.string())),
  findings: v.array(DoctorFinding),
})
export type DoctorWorkspaces = v.InferOutput<typeof DoctorWorkspaces>

/** `doctor mission-state`: keys of 3.2.0. Exit status 1 on errors with --fail-on, or when --fix left some. */
export const DoctorMissionState = v.strictObject({
  missions: v.array(
    v.strictObject({
      mission_slug: v.string(),
      mission_dir: v.string(),
      finding_count: v.number(),
      findings: v.array(
        v.strictObject({
          code: v.string(),
          severity: v.picklist(['error', 'warning', 'info']),
          artifact_path: v.nullable(v.string()),
          detail: v.string(),
          fix: v.nullable(v.string()),
        }),
      ),
      has_errors: v.boolean(),
      has_teamspace_blockers: v.boolean(),
    }),
  ),
  repo_summary: v.strictObject({
    total_missions: v.number(),
    missions_with_findings: v.number(),
    missions_with_errors: v.number(),
    total_findings: v.number(),
    findings_by_severity: v.strictObject({ error: v.number(), warning: v.number(), info: v.number() }),
  }),
  /** Code → how often. */
  shape_counters: v.record(v.string(), v.number()),
  fail_on_triggered: v.boolean(),
  fixed: v.array(v.string()),
  not_fixed: v.array(v.string()),
})
export type DoctorMissionState = v.InferOutput<typeof DoctorMissionState>

/** `doctor state-roots`: keys of 3.2.0. */
export const DoctorStateRoots = v.strictObject({
  healthy: v.boolean(),
  roots: v.array(
    v.strictObject({
      name: v.picklist(['project', 'global_runtime', 'global_sync']),
      label: v.string(),
      resolved_path: v.string(),
      exists: v.boolean(),
    }),
  ),
  surfaces: v.array(
    v.strictObject({
      name: v.string(),
      path_pattern: v.string(),
      root: v.string(),
      authority: v.picklist(['authoritative', 'derived', 'local']),
      git_class: v.picklist(['tracked', 'ignored', 'git_internal', 'outside']),
      present: v.boolean(),
      gitignore_covered: v.boolean(),
      warning: v.nullable(v.string()),
    }),
  ),
})
export type DoctorStateRoots = v.InferOutput<typeof DoctorStateRoots>
