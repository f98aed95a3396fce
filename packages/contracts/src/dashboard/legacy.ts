/** What the dashboard of 3.2.0 answers, by its own keys: `dashboard --json`, /api/health, /api/features, /api/kanban. */
import * as v from 'valibot'

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
