/** `spec-kitty sync server|routes|share|unshare|opt-in|opt-out --json`. */
import * as v from 'valibot'
import type { Answer } from '../answer.ts'

export const SyncServer = v.strictObject({
  server: v.nullable(v.string()),
  source: v.nullable(v.picklist(['environment', 'configuration'])),
  changed: v.boolean(),
})
export type SyncServer = Answer<typeof SyncServer>

export const SyncShare = v.strictObject({ team: v.string(), state: v.string() })
export type SyncShare = Answer<typeof SyncShare>

export const SyncRoutes = v.strictObject({
  enabled: v.boolean(),
  server: v.nullable(v.string()),
  project_uuid: v.string(),
  project_slug: v.string(),
  repo_slug: v.nullable(v.string()),
  checkout: v.string(),
  user: v.nullable(v.string()),
  team: v.nullable(v.string()),
  shares: v.array(SyncShare),
})
export type SyncRoutes = Answer<typeof SyncRoutes>

export const SyncOpt = v.strictObject({
  enabled: v.boolean(),
  checkout: v.string(),
  repo_slug: v.nullable(v.string()),
  changed: v.boolean(),
  /** Rows of this project taken out of the queue. */
  removed: v.pipe(v.number(), v.integer(), v.minValue(0)),
  private_data_deleted: v.nullable(v.boolean()),
})
export type SyncOpt = Answer<typeof SyncOpt>
