/** The answers of `spec-kitty orchestrator-api`, contract 1.5.0: always one envelope. */
import * as v from 'valibot'
import { CheckPrerequisites } from './check-prerequisites.ts'
import { FinalizeTasks } from './finalize-tasks.ts'
import { MissionCreate } from './mission-create.ts'
import { Next } from './next.ts'
import { SetupPlan } from './setup-plan.ts'

const Head = {
  contract_version: v.string(),
  /** `orchestrator-api.<name>`, or `orchestrator-api.unknown` when the command line was not understood. */
  command: v.string(),
  timestamp: v.string(),
  /** `corr-` and 32 hexadecimal digits. */
  correlation_id: v.pipe(v.string(), v.regex(/^corr-[0-9a-f]{32}$/)),
}

/** A refusal: `data.message` says why, further keys depend on the code. */
export const OrchestratorFailure = v.object({
  ...Head,
  success: v.literal(false),
  error_code: v.string(),
  data: v.looseObject({ message: v.string(), hint: v.optional(v.string()) }),
})
export type OrchestratorFailure = v.InferOutput<typeof OrchestratorFailure>

const answer = <const E extends v.ObjectEntries>(data: E) =>
  v.variant('success', [
    v.object({ ...Head, success: v.literal(true), error_code: v.null(), data: v.object(data) }),
    OrchestratorFailure,
  ])

const Mission = {
  mission_slug: v.string(),
  mission_number: v.nullable(v.number()),
  mission_type: v.string(),
}
const WpIds = v.array(v.string())
const Move = {
  ...Mission,
  wp_id: v.string(),
  from_lane: v.string(),
  to_lane: v.string(),
}

export const OrchestratorContractVersion = answer({
  api_version: v.string(),
  min_supported_provider_version: v.string(),
})

export const OrchestratorMissionState = answer({
  ...Mission,
  /** Lane → number of work packages, for all nine lanes. */
  summary: v.record(v.string(), v.number()),
  work_packages: v.array(
    v.object({
      wp_id: v.string(),
      lane: v.string(),
      dependencies: WpIds,
      last_actor: v.nullable(v.string()),
    }),
  ),
})

export const OrchestratorListReady = answer({
  ...Mission,
  ready_work_packages: v.array(
    v.object({ wp_id: v.string(), lane: v.string(), dependencies_satisfied: v.literal(true) }),
  ),
})

export const OrchestratorResolveWorkspace = answer({
  ...Mission,
  wp_id: v.string(),
  lane_id: v.string(),
  branch: v.string(),
  execution_mode: v.picklist(['worktree', 'direct_repo']),
  /** Absolute. Made by start-implementation; `exists` tells whether it is there. */
  workspace_path: v.string(),
  exists: v.boolean(),
  prompt_path: v.string(),
})

export const OrchestratorStartImplementation = answer({
  ...Move,
  /** Absolute: the worktree of the lane, ready to work in. */
  workspace_path: v.string(),
  /** Absolute: the file of the work package. */
  prompt_path: v.string(),
  policy_metadata_recorded: v.boolean(),
  no_op: v.boolean(),
})

export const OrchestratorStartReview = answer({
  ...Move,
  prompt_path: v.string(),
  policy_metadata_recorded: v.boolean(),
  no_op: v.boolean(),
})

export const OrchestratorTransition = answer({ ...Move, policy_metadata_recorded: v.boolean() })

export const OrchestratorAppendHistory = answer({
  ...Mission,
  wp_id: v.string(),
  /** `hist-` and 32 hexadecimal digits: names this call, is not written to the file. */
  history_entry_id: v.string(),
})

export const OrchestratorAcceptMission = answer({
  ...Mission,
  accepted: v.literal(true),
  mode: v.literal('auto'),
  accepted_at: v.string(),
  accepted_wps: WpIds,
  approved_wps: WpIds,
  done_wps: WpIds,
  merge_pending_wps: WpIds,
  /** What `spec-kitty accept` would have asked for besides; the contract asks for the work packages alone. */
  warnings: v.array(v.string()),
})

export const OrchestratorMergeMission = answer({
  ...Mission,
  merged: v.literal(true),
  target_branch: v.string(),
  strategy: v.picklist(['merge', 'squash', 'rebase']),
  merge_commit: v.string(),
  merged_wps: WpIds,
  worktree_removed: v.boolean(),
})

export const OrchestratorSpecify = answer({
  ...v.omit(MissionCreate, ['spec_kitty_version']).entries,
  scaffold_only: v.literal(true),
  spec_state: v.literal('scaffold_only'),
  next_action: v.string(),
})

export const OrchestratorPlan = answer(v.omit(SetupPlan, ['spec_kitty_version']).entries)

const MaybeText = v.nullable(v.string())
export const OrchestratorTasks = answer({
  ...v.omit(FinalizeTasks, ['spec_kitty_version']).entries,
  planning_commit: v.object({
    sha: MaybeText,
    action: MaybeText,
    previous_sha: MaybeText,
    branch_tip: MaybeText,
  }),
})

export const OrchestratorCheckPrerequisites = answer({
  ...v.omit(CheckPrerequisites, ['spec_kitty_version']).entries,
  mission_slug: v.string(),
})

export const OrchestratorRecordAnalysis = answer({
  ...Mission,
  /** Absolute. */
  path: v.string(),
  verdict: v.string(),
  generated_at: v.string(),
})

const Decision = { ...Mission, decision_id: v.string(), idempotent: v.boolean(), event_lamport: v.null() }

export const OrchestratorOpenDecision = answer({
  ...Decision,
  status: v.literal('open'),
  artifact_path: v.string(),
})

export const OrchestratorCloseDecision = answer({
  ...Decision,
  status: v.string(),
  terminal_outcome: v.string(),
})

export const OrchestratorAnswerDecision = answer({
  ...v.omit(Next, ['answer', 'answered']).entries,
  answered_decision_id: v.string(),
})

export const OrchestratorDesignStatus = answer({
  ...Mission,
  current_phase: v.picklist(['specify', 'plan', 'tasks', 'analyze']),
  /** The verb that comes next; null when the planning is complete. */
  next_action: MaybeText,
  open_decisions: v.array(v.object({ decision_id: v.string(), origin: v.string() })),
})
