/** `GET /api/v2/missions` and `GET /api/v2/missions/:id`: what the dashboard shows of missions. */
import * as v from 'valibot'
import { MissionSummary } from '../cli/mission-summary.ts'
import { TasksStatus } from '../cli/tasks-status.ts'
import { DecisionEntry } from '../files/decision.ts'

const TextOrNull = v.nullable(v.string())
const Count = v.pipe(v.number(), v.integer(), v.minValue(0))

/** A work package that somebody has, or that somebody waits for. */
const Held = v.object({ wp_id: v.string(), lane: v.string(), who: TextOrNull, since: v.string() })

/** One mission in a list; keys of `mission list --json`, and what a person looks for. */
export const MissionCard = v.object({
  ...MissionSummary.entries,
  /** Lanes that hold something. */
  by_lane: v.record(v.string(), Count),
  /** Percent, weighted by lane as on the board. */
  progress_percentage: v.number(),
  /** Claimed, in progress or in review. */
  working: v.array(Held),
  /** For review or blocked: the next move is a person's. */
  waiting: v.array(Held),
  /** Questions without an answer. */
  open_decisions: Count,
  /** `ready`: every package is approved, done or canceled, and nothing was merged yet. */
  landing: v.picklist(['open', 'ready', 'merged', 'closed']),
  /** Time stamp of the last event, empty before the first. */
  last_event_at: v.string(),
  /** A log or a file that cannot be read, in a sentence. */
  problems: v.array(v.string()),
})
export type MissionCard = v.InferOutput<typeof MissionCard>

export const MissionCards = v.object({
  /** Oldest name first. */
  missions: v.array(MissionCard),
  /** For title and favicon: packages for review, questions, missions ready to be merged. */
  waiting_for_me: Count,
})
export type MissionCards = v.InferOutput<typeof MissionCards>

/** What the board does not tell of a package. */
export const PackageCard = v.object({
  id: v.string(),
  title: v.string(),
  lane: v.string(),
  agent: TextOrNull,
  /** Of its last move; null before the first. */
  since: TextOrNull,
  who: TextOrNull,
  dependencies: v.array(v.string()),
  /** Dependencies that are not approved yet. */
  waits_for: v.array(v.string()),
  /** Of lanes.json; null before finalize-tasks. */
  lane_id: TextOrNull,
  subtasks: v.object({ done: Count, total: Count }),
  rejected_rounds: Count,
})
export type PackageCard = v.InferOutput<typeof PackageCard>

export const LaneCard = v.object({
  lane_id: v.string(),
  wp_ids: v.array(v.string()),
  depends_on_lanes: v.array(v.string()),
  /** Null for the lane of planning work. */
  branch: TextOrNull,
  /** Absolute; null where there is no worktree. */
  worktree: TextOrNull,
})
export type LaneCard = v.InferOutput<typeof LaneCard>

export const DocumentCard = v.object({
  /** Path below the mission's directory: `spec.md`, `contracts/api.yaml`. */
  name: v.string(),
  bytes: Count,
})

export const MissionDetail = v.object({
  mission: MissionCard,
  purpose: TextOrNull,
  /** The very document of `board --json`. */
  board: TasksStatus,
  packages: v.array(PackageCard),
  /** `layers[0]` depends on nothing; an edge is [dependency, dependent]. */
  graph: v.object({
    layers: v.array(v.array(v.string())),
    edges: v.array(v.tuple([v.string(), v.string()])),
  }),
  lanes: v.array(LaneCard),
  decisions: v.array(DecisionEntry),
  documents: v.array(DocumentCard),
  landing: v.object({
    state: v.picklist(['open', 'ready', 'merged', 'closed']),
    target_branch: v.string(),
    mission_branch: TextOrNull,
    merged_at: TextOrNull,
    merge_commit: TextOrNull,
  }),
})
export type MissionDetail = v.InferOutput<typeof MissionDetail>

/** `GET /api/v2/missions/:id/documents/:name`. */
export const MissionDocument = v.object({
  name: v.string(),
  /** Markdown or plain text, never HTML that may be trusted. */
  text: v.string(),
  /** The text goes on; the rest is in the file. */
  cut: v.boolean(),
})
export type MissionDocument = v.InferOutput<typeof MissionDocument>
