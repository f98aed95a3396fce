/** `spec-kitty serve --json` and `serve user add --json`. */
import * as v from 'valibot'

/** Printed once the server listens. */
export const Serve = v.object({
  /** Where clients reach it: what SPEC_KITTY_SAAS_URL is to be set to. */
  url: v.string(),
  /** The address it listens on; differs from `url` behind a proxy. */
  listening: v.string(),
  /** Absolute path of the data directory. */
  data: v.string(),
  pid: v.number(),
})
export type Serve = v.InferOutput<typeof Serve>

export const ServeUserAdd = v.object({
  user_id: v.string(),
  name: v.string(),
  email: v.string(),
  private_team: v.string(),
  teams: v.array(v.string()),
  /** Only when the program made it: it is kept nowhere and shown this once. */
  password: v.optional(v.string()),
})
export type ServeUserAdd = v.InferOutput<typeof ServeUserAdd>
