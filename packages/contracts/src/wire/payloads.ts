/**
 * Payloads of the events that a Spec Kitty client sends (docs/sync.md). One strict schema per type:
 * an unknown field is drift. `PAYLOADS` is the table from event type to schema.
 */
import * as v from 'valibot'
import { anyObject, count, maybe, ordinal, stamp, text } from '../wire-fields.ts'
import { StatusTransitionPayload } from './status-transition.ts'

/* ------------------------------------------------------------------ shared parts */

const RuntimeActor = v.looseObject({
  actor_id: text,
  actor_type: v.picklist(['human', 'llm', 'service']),
})

const Namespace = v.strictObject({
  project_uuid: text,
  mission_slug: text,
  target_branch: text,
  mission_type: text,
  manifest_version: text,
  step_id: maybe(v.string()),
})

const Artifact = v.strictObject({
  mission_type: text,
  path: text,
  artifact_class: v.picklist(['input', 'workflow', 'output', 'evidence', 'policy', 'runtime']),
  run_id: maybe(v.string()),
  wp_id: maybe(v.string()),
})

const algorithm = v.picklist(['sha256', 'sha512', 'md5'])
const ContentHash = v.strictObject({
  hash: text,
  algorithm,
  size_bytes: maybe(count),
  encoding: maybe(v.string()),
})

const Provenance = v.object({
  source_event_ids: maybe(v.array(v.string())),
  git_sha: maybe(v.string()),
  git_ref: maybe(v.string()),
  actor_id: maybe(v.string()),
  actor_kind: maybe(v.picklist(['human', 'llm', 'system'])),
  revised_at: maybe(v.string()),
})

const diagnostics = maybe(v.record(v.string(), v.string()))

/* ------------------------------------------------------------------------ builds */

export const BuildRegisteredPayload = v.strictObject({
  repo_slug: maybe(v.string()),
  git_branch: maybe(v.string()),
  head_commit_sha: maybe(v.string()),
})

export const BuildHeartbeatPayload = v.strictObject({
  ...BuildRegisteredPayload.entries,
  remote_head: maybe(v.string()),
  ahead_of_remote: maybe(count),
  behind_remote: maybe(count),
  recent_commits: maybe(v.array(v.string())),
})

export const ProjectInitializedPayload = v.strictObject({
  project_uuid: text,
  actor: text,
  project_slug: maybe(v.string()),
  runtime_version: maybe(v.string()),
  initialized_at: maybe(stamp),
})

/* ---------------------------------------------------------------------- missions */

const mission = { mission_slug: text, mission_number: maybe(ordinal) }

export const MissionCreatedPayload = v.strictObject({
  mission_slug: text,
  /** Null until the mission is merged, but never left out. */
  mission_number: v.nullable(ordinal),
  mission_type: text,
  target_branch: text,
  wp_count: count,
  friendly_name: text,
  purpose_tldr: text,
  purpose_context: text,
  mission_id: maybe(text),
  created_at: maybe(v.string()),
})

export const MissionClosedPayload = v.strictObject({
  mission_slug: text,
  mission_number: ordinal,
  mission_type: text,
})

export const MissionOriginBoundPayload = v.strictObject({
  mission_slug: text,
  provider: text,
  external_issue_id: text,
  external_issue_key: text,
  external_issue_url: text,
  title: text,
  mission_id: maybe(v.string()),
})

/** SpecifyStarted, PlanStarted, TasksStarted. */
export const PhaseStartedPayload = v.strictObject({ ...mission, actor: text, at: maybe(stamp) })

/** SpecifyCompleted, PlanCompleted. */
export const PhaseCompletedPayload = v.strictObject({
  ...PhaseStartedPayload.entries,
  artifact_path: text,
  summary: maybe(text),
})

export const TasksCompletedPayload = v.strictObject({ ...PhaseCompletedPayload.entries, wp_count: count })

/* ----------------------------------------------------------------- work packages */

export const WpCreatedPayload = v.strictObject({
  ...mission,
  wp_id: text,
  wp_title: text,
  actor: text,
  wp_path: maybe(text),
  depends_on: v.optional(v.array(v.string())),
  created_at: maybe(stamp),
})

export const WpAssignedPayload = v.strictObject({
  wp_id: text,
  agent_id: text,
  phase: text,
  retry_count: v.optional(count),
})

export const HistoryAddedPayload = v.strictObject({
  wp_id: text,
  entry_type: text,
  entry_content: text,
  author: text,
})

export const ErrorLoggedPayload = v.strictObject({
  error_type: text,
  error_message: text,
  wp_id: maybe(v.string()),
  stack_trace: maybe(v.string()),
  agent_id: maybe(v.string()),
})

export const DependencyResolvedPayload = v.strictObject({
  wp_id: text,
  dependency_wp_id: text,
  resolution_type: text,
})

/* ----------------------------------------------------------------------- runtime */
// The package accepts further fields in these, so we do.

const run = { run_id: text, actor: RuntimeActor }

export const MissionRunStartedPayload = v.looseObject({ ...run, mission_type: text })
export const MissionRunCompletedPayload = v.looseObject({ ...run, mission_type: text })
export const NextStepIssuedPayload = v.looseObject({ ...run, step_id: text, agent_id: text })
export const NextStepAutoCompletedPayload = v.looseObject({
  ...run,
  step_id: text,
  agent_id: text,
  result: text,
})
export const MissionStartedPayload = v.looseObject({
  mission_id: text,
  mission_type: text,
  initial_phase: text,
  actor: text,
})
export const MissionCompletedPayload = v.looseObject({
  mission_id: text,
  mission_type: text,
  final_phase: text,
  actor: text,
})
export const PhaseEnteredPayload = v.looseObject({
  mission_id: text,
  phase_name: text,
  actor: text,
  previous_phase: maybe(v.string()),
})

export const DiffSummaryRecordedPayload = v.strictObject({
  mission_id: text,
  base_ref: text,
  head_ref: text,
  files_changed: count,
  lines_added: count,
  lines_deleted: count,
  source: text,
  run_id: maybe(v.string()),
  step_id: maybe(v.string()),
  wp_id: maybe(v.string()),
  phase_name: maybe(v.string()),
})

/* ----------------------------------------------------------------------- dossier */

export const ArtifactIndexedPayload = v.strictObject({
  namespace: Namespace,
  artifact_id: Artifact,
  content_ref: ContentHash,
  indexed_at: v.string(),
  provenance: maybe(Provenance),
  step_id: maybe(v.string()),
  supersedes: maybe(Artifact),
  context_diagnostics: diagnostics,
})

export const ArtifactMissingPayload = v.strictObject({
  namespace: Namespace,
  expected_identity: Artifact,
  manifest_step: text,
  checked_at: v.string(),
  last_known_ref: maybe(Provenance),
  remediation_hint: maybe(v.string()),
  context_diagnostics: diagnostics,
})

export const DossierSnapshotPayload = v.strictObject({
  namespace: Namespace,
  snapshot_hash: text,
  artifact_count: count,
  anomaly_count: count,
  computed_at: v.string(),
  algorithm: maybe(algorithm),
  context_diagnostics: diagnostics,
})

/* ------------------------------------------------------------------------- table */

/** Event type → schema of its payload, for everything that a client of either edition emits. */
export const PAYLOADS = {
  BuildRegistered: BuildRegisteredPayload,
  BuildHeartbeat: BuildHeartbeatPayload,
  ProjectInitialized: ProjectInitializedPayload,
  MissionCreated: MissionCreatedPayload,
  MissionClosed: MissionClosedPayload,
  MissionOriginBound: MissionOriginBoundPayload,
  SpecifyStarted: PhaseStartedPayload,
  PlanStarted: PhaseStartedPayload,
  TasksStarted: PhaseStartedPayload,
  SpecifyCompleted: PhaseCompletedPayload,
  PlanCompleted: PhaseCompletedPayload,
  TasksCompleted: TasksCompletedPayload,
  WPCreated: WpCreatedPayload,
  WPAssigned: WpAssignedPayload,
  WPStatusChanged: StatusTransitionPayload,
  HistoryAdded: HistoryAddedPayload,
  ErrorLogged: ErrorLoggedPayload,
  DependencyResolved: DependencyResolvedPayload,
  MissionRunStarted: MissionRunStartedPayload,
  MissionRunCompleted: MissionRunCompletedPayload,
  NextStepIssued: NextStepIssuedPayload,
  NextStepAutoCompleted: NextStepAutoCompletedPayload,
  MissionStarted: MissionStartedPayload,
  MissionCompleted: MissionCompletedPayload,
  PhaseEntered: PhaseEnteredPayload,
  DiffSummaryRecorded: DiffSummaryRecordedPayload,
  MissionDossierArtifactIndexed: ArtifactIndexedPayload,
  MissionDossierArtifactMissing: ArtifactMissingPayload,
  MissionDossierSnapshotComputed: DossierSnapshotPayload,
} as const satisfies Readonly<Record<string, v.GenericSchema>>

export type WireEventType = keyof typeof PAYLOADS

/** The payload that an event of this type carries. */
export type PayloadOf<T extends WireEventType> = v.InferInput<(typeof PAYLOADS)[T]>

/**
 * Types that other producers may send: published by spec-kitty-events 6.1.0 but emitted by no client, and the
 * seven evidence types that the Python edition sends although the package does not know them. Any object is
 * taken as their payload.
 */
export const OTHER_EVENT_TYPES: ReadonlySet<string> = new Set([
  'GatePassed',
  'GateFailed',
  'MissionCancelled',
  'MissionReopened',
  'FollowUpRecorded',
  'ReviewRollback',
  'ParticipantInvited',
  'ParticipantJoined',
  'ParticipantLeft',
  'PresenceHeartbeat',
  'DriveIntentSet',
  'FocusChanged',
  'PromptStepExecutionStarted',
  'PromptStepExecutionCompleted',
  'ConcurrentDriverWarning',
  'PotentialStepCollisionDetected',
  'WarningAcknowledged',
  'CommentPosted',
  'DecisionCaptured',
  'SessionLinked',
  'GlossaryScopeActivated',
  'TermCandidateObserved',
  'SemanticCheckEvaluated',
  'GlossaryClarificationRequested',
  'GlossaryClarificationResolved',
  'GlossarySenseUpdated',
  'GenerationBlockedBySemanticConflict',
  'GlossaryStrictnessSet',
  'DecisionInputRequested',
  'DecisionInputAnswered',
  'TokenUsageRecorded',
  'MissionDossierParityDriftDetected',
  'MissionAuditRequested',
  'MissionAuditStarted',
  'MissionAuditDecisionRequested',
  'MissionAuditCompleted',
  'MissionAuditFailed',
  'DecisionPointOpened',
  'DecisionPointWidened',
  'DecisionPointDiscussing',
  'DecisionPointResolved',
  'DecisionPointOverridden',
  'ConnectorProvisioned',
  'ConnectorHealthChecked',
  'ConnectorDegraded',
  'ConnectorRevoked',
  'ConnectorReconnected',
  'SyncIngestAccepted',
  'SyncIngestRejected',
  'SyncRetryScheduled',
  'SyncDeadLettered',
  'SyncReplayCompleted',
  'ExternalReferenceLinked',
  'ProfileInvocationStarted',
  'retrospective.requested',
  'retrospective.started',
  'retrospective.completed',
  'retrospective.skipped',
  'retrospective.failed',
  'retrospective.proposal.generated',
  'retrospective.proposal.applied',
  'retrospective.proposal.rejected',
  'RetrospectiveCompleted',
  'RetrospectiveSkipped',
  'ProofItemRecorded',
  'ReviewProofRecorded',
  'TestEvidenceCaptured',
  'BenchmarkEvidenceAttached',
  'SecurityScanCompleted',
  'PullRequestLineageRecorded',
  'HumanApprovalRecorded',
])

/** The schema for an event type; any object for types of other producers; undefined when nobody knows it. */
export function payloadSchema(eventType: string): v.GenericSchema | undefined {
  if (Object.hasOwn(PAYLOADS, eventType)) return PAYLOADS[eventType as WireEventType]
  return OTHER_EVENT_TYPES.has(eventType) ? anyObject : undefined
}
