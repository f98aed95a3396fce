/** Facts of a command as events on the wire (docs/sync.md): one event per fact, canonical keys only. */
import { isUlid } from '@spec-kitty/contracts/ids'
import { isArray, isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import type { QueuedFact } from '../world/change.ts'
import type { Identity } from './identity.ts'

export const WIRE_VERSION = '3.0.0'

/** Where the repository stood when the facts were queued. */
export interface Place {
  readonly branch: string | null
  readonly head: string | null
}

export interface EventSource {
  readonly identity: Identity
  readonly place: Place
}

export interface EventStamp {
  readonly id: string
  readonly at: string
  readonly lamport: number
}

/** The aggregate type of everything that is not about a mission as a whole. */
const AGGREGATE: Readonly<Record<string, string>> = {
  WPStatusChanged: 'WorkPackage',
  WPCreated: 'WorkPackage',
  WPAssigned: 'WorkPackage',
  HistoryAdded: 'WorkPackage',
  DependencyResolved: 'WorkPackage',
  ErrorLogged: 'WorkPackage',
  BuildRegistered: 'Build',
  BuildHeartbeat: 'Build',
  MissionDossierArtifactIndexed: 'MissionDossier',
  MissionDossierSnapshotComputed: 'MissionDossier',
}

/** The envelope of a fact. A fact that is a row of a log keeps the row's id and time, so it is one event however often it is told. */
export function buildEvent(fact: QueuedFact, source: EventSource, stamp: EventStamp): JsonObject {
  const { identity, place } = source
  const id = fact.event_id !== undefined && isUlid(fact.event_id) ? fact.event_id : stamp.id
  return {
    event_id: id,
    event_type: fact.event_type,
    aggregate_id: fact.aggregate_id,
    aggregate_type: AGGREGATE[fact.event_type] ?? 'Mission',
    schema_version: WIRE_VERSION,
    build_id: identity.buildId,
    payload: payloadOf(fact, source),
    node_id: identity.nodeId,
    lamport_clock: stamp.lamport,
    causation_id: null,
    correlation_id: id,
    timestamp: fact.at ?? stamp.at,
    project_uuid: identity.projectUuid,
    project_slug: identity.projectSlug,
    git_branch: place.branch,
    head_commit_sha: place.head,
    repo_slug: identity.repoSlug,
  }
}

/** The fact that a checkout exists: told once per build (nothing about the person or machine). */
export function buildRegistered({ identity, place }: EventSource): QueuedFact {
  return {
    event_type: 'BuildRegistered',
    aggregate_id: identity.buildId,
    payload: { repo_slug: identity.repoSlug, git_branch: place.branch, head_commit_sha: place.head },
  }
}

function payloadOf(fact: QueuedFact, source: EventSource): JsonObject {
  const payload = Object.fromEntries(
    Object.entries(fact.payload).filter(([, value]) => value !== undefined),
  ) as JsonObject
  return fact.event_type === 'WPStatusChanged' ? canonicalTransition(payload, source) : payload
}

const REVIEWED: readonly Json[] = ['for_review', 'in_review', 'approved']

/**
 * A local transition in the terms of the contract (docs/sync.md), which asks for more than our matrix: evidence of
 * an approval names commits, and giving work back to `planned` counts as forced, with a reason.
 */
function canonicalTransition(payload: JsonObject, source: EventSource): JsonObject {
  const { from_lane: from, to_lane: to, actor } = payload
  const words = (value: Json | undefined): string | undefined =>
    typeof value === 'string' && value.trim() !== '' ? value : undefined
  const returned = to === 'planned' && (from === 'in_progress' || REVIEWED.includes(from ?? null))
  const ended = from === 'done' || from === 'canceled'
  const aside = to === 'blocked' || to === 'canceled'
  const unusual = ended || !(aside || KNOWN.has(`${String(from)} ${String(to)}`))
  const force = payload.force === true || returned || unusual
  const reason = words(payload.reason)
  const reviewRef = words(payload.review_ref)
  const reviewNeeded = to === 'in_progress' && REVIEWED.includes(from ?? null)
  return {
    ...payload,
    execution_mode: payload.execution_mode === 'direct_repo' ? 'direct_repo' : 'worktree',
    force,
    reason: reason ?? (force ? (reviewRef ?? 'not given') : null),
    review_ref: reviewRef ?? (reviewNeeded ? (reason ?? 'not given') : null),
    evidence: to === 'approved' || to === 'done' ? evidenceOf(payload.evidence, actor, source) : null,
  }
}

/** Changes of lane that the contract knows without force. */
const KNOWN: ReadonlySet<string> = new Set([
  'genesis planned',
  'null planned',
  'planned claimed',
  'claimed in_progress',
  'in_progress for_review',
  'in_progress approved',
  'for_review in_review',
  'for_review approved',
  'for_review done',
  'for_review in_progress',
  'in_review approved',
  'in_review done',
  'in_review for_review',
  'in_review in_progress',
  'approved done',
  'approved in_progress',
  'blocked in_progress',
])

function evidenceOf(given: Json | undefined, actor: Json | undefined, source: EventSource): JsonObject {
  const evidence = isObject(given) ? given : {}
  const review = isObject(evidence.review) ? evidence.review : {}
  const text = (value: Json | undefined, otherwise: string): string =>
    typeof value === 'string' && value !== '' ? value : otherwise
  const repos = isArray(evidence.repos) ? evidence.repos.filter(isRepo) : []
  const { identity, place } = source
  const here = {
    repo: identity.repoSlug ?? identity.projectSlug,
    branch: place.branch ?? 'HEAD',
    commit: place.head ?? '0'.repeat(40),
  }
  return {
    repos: repos.length > 0 ? repos : [here],
    review: {
      reviewer: text(review.reviewer, text(actor, 'unknown')),
      verdict: text(review.verdict, 'approved'),
      reference: typeof review.reference === 'string' ? review.reference : null,
    },
    ...(isArray(evidence.verification) ? { verification: evidence.verification } : {}),
  }
}

function isRepo(value: Json): boolean {
  return (
    isObject(value) &&
    ['repo', 'branch', 'commit'].every(key => typeof value[key] === 'string' && value[key] !== '')
  )
}
