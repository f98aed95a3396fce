/** What the dashboard of 3.2.0 answers, by its own keys: `dashboard --json`, /api/health, /api/features, /api/kanban. */
import * as v from 'valibot'
import { isObject, type JsonObject } from '../json.ts'

const TextOrNull = v.nullable(v.string())

const Registered = v.object({
  /** The id, `legacy:<dir>` or `orphan:<dir>`. */
  mission_id: v.string(),
  mission_slug: v.string(),
  display_number: v.nullable(v.number()),
  mid8: TextOrNull,
  /** Absolute. */
  feature_dir: v.string(),
})

export const DashboardRegistry = v.object({
  missions: v.record(v.string(), Registered),
  display_order: v.array(v.string()),
})
export type DashboardRegistry = v.InferOutput<typeof DashboardRegistry>

const Artifact = v.object({
  exists: v.boolean(),
  /** Seconds since the epoch. */
  mtime: v.nullable(v.number()),
  size: v.nullable(v.number()),
})
const Step = v.picklist(['complete', 'in_progress', 'pending'])

/** `GET /api/features`. */
export const Features = v.object({
  features: v.array(
    v.object({
      id: v.string(),
      name: v.string(),
      display_name: v.string(),
      path: v.string(),
      artifacts: v.record(v.string(), Artifact),
      workflow: v.object({ specify: Step, plan: Step, tasks: Step, implement: Step }),
      kanban_stats: v.object({
        total: v.number(),
        planned: v.number(),
        doing: v.number(),
        for_review: v.number(),
        approved: v.number(),
        done: v.number(),
        weighted_percentage: v.number(),
      }),
      /** meta.json as it is. */
      meta: v.custom<JsonObject>(isObject),
      worktree: v.object({ path: v.string(), exists: v.boolean() }),
      is_legacy: v.boolean(),
    }),
  ),
  active_feature_id: TextOrNull,
  project_path: v.string(),
  worktrees_root: v.string(),
  active_worktree: TextOrNull,
  active_mission: v.looseObject({ name: v.string() }),
})
export type Features = v.InferOutput<typeof Features>

const KanbanCard = v.object({
  id: v.string(),
  title: v.string(),
  /** The real one of nine. */
  lane: v.string(),
  subtasks: v.array(v.string()),
  agent: v.string(),
  model: v.string(),
  agent_profile: v.string(),
  role: v.string(),
  assignee: v.string(),
  phase: v.string(),
  prompt_markdown: v.string(),
  prompt_path: v.string(),
})
export type KanbanCard = v.InferOutput<typeof KanbanCard>

const Cards = v.array(KanbanCard)

/** `GET /api/kanban/:dir`. */
export const Kanban = v.object({
  lanes: v.object({ planned: Cards, doing: Cards, for_review: Cards, approved: Cards, done: Cards }),
  is_legacy: v.boolean(),
  upgrade_needed: v.boolean(),
  weighted_percentage: v.number(),
})
export type Kanban = v.InferOutput<typeof Kanban>

const ArtifactFile = v.object({
  name: v.string(),
  /** Relative to the directory of the mission; the address of its text ends in it. */
  path: v.string(),
  icon: v.string(),
})

/** `GET /api/contracts/:dir`, `GET /api/checklists/:dir`. */
export const ArtifactFiles = v.object({ files: v.array(ArtifactFile) })
export type ArtifactFiles = v.InferOutput<typeof ArtifactFiles>

/** `GET /api/research/:dir`. */
export const Research = v.object({ main_file: TextOrNull, artifacts: v.array(ArtifactFile) })
export type Research = v.InferOutput<typeof Research>
