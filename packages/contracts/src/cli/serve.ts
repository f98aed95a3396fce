/** `spec-kitty serve --json` and what its administration answers. */
import * as v from 'valibot'
import type { Answer } from '../answer.ts'

/** Printed once the server listens. */
export const Serve = v.object({
  /** Where clients reach it: what SPEC_KITTY_SAAS_URL is to be set to. */
  url: v.string(),
  /** The address it listens on; differs from `url` behind a proxy. */
  listening: v.string(),
  /** Absolute path of the data directory, or the address of the database without its password. */
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

const number = v.pipe(v.number(), v.integer(), v.minValue(0))
const Role = v.picklist(['owner', 'member'])

const ListedUser = v.strictObject({
  user_id: v.string(),
  name: v.string(),
  email: v.string(),
  /** When it was disabled; null while it may log in. */
  disabled_at: v.nullable(v.string()),
  teams: v.array(v.strictObject({ team: v.string(), role: Role, private: v.boolean() })),
  sessions: number,
  /** What it sent and the server still keeps. */
  events: number,
  bytes: number,
})
export const ServeUserList = v.strictObject({ users: v.array(ListedUser) })
export type ServeUserList = Answer<typeof ServeUserList>

/** Of `serve user disable|enable|link|remove|passwd`. */
export const ServeUserChange = v.strictObject({
  user_id: v.string(),
  name: v.string(),
  result: v.picklist(['disabled', 'enabled', 'removed', 'password_set', 'linked']),
  sessions_ended: number,
  /** Only when the program made it: it is kept nowhere and shown this once. */
  password: v.optional(v.string()),
})
export type ServeUserChange = Answer<typeof ServeUserChange>

export const ServeTeamList = v.strictObject({
  teams: v.array(
    v.strictObject({
      team: v.string(),
      title: v.string(),
      private: v.boolean(),
      members: v.array(v.strictObject({ name: v.string(), role: Role })),
      events: number,
      bytes: number,
    }),
  ),
})
export type ServeTeamList = Answer<typeof ServeTeamList>

/** Of `serve team add|remove|role`. */
export const ServeTeamChange = v.strictObject({
  team: v.string(),
  result: v.picklist(['added', 'removed', 'role_set', 'left']),
  user: v.optional(v.string()),
  role: v.optional(Role),
})
export type ServeTeamChange = Answer<typeof ServeTeamChange>

export const ServeSessionList = v.strictObject({
  sessions: v.array(
    v.strictObject({
      session_id: v.string(),
      user: v.string(),
      created_at: v.string(),
      last_used_at: v.string(),
      expires_at: v.string(),
      address: v.string(),
    }),
  ),
})
export type ServeSessionList = Answer<typeof ServeSessionList>

export const ServeSessionRevoke = v.strictObject({ sessions_ended: number })
export type ServeSessionRevoke = Answer<typeof ServeSessionRevoke>

export const ServeAudit = v.strictObject({
  entries: v.array(
    v.strictObject({
      at: v.string(),
      actor: v.string(),
      action: v.string(),
      subject: v.string(),
      address: v.string(),
    }),
  ),
})
export type ServeAudit = Answer<typeof ServeAudit>

/** `null`: no limit, or for one owner: as for all. */
export const ServeLimits = v.strictObject({
  limits: v.array(
    v.strictObject({
      /** `team:<id>`, `user:<id>`, `team:*` or `user:*`. */
      owner: v.string(),
      max_events: v.nullable(number),
      max_bytes: v.nullable(number),
      keep_days: v.nullable(number),
    }),
  ),
})
export type ServeLimits = Answer<typeof ServeLimits>

export const ServePrune = v.strictObject({ events_removed: number })
export type ServePrune = Answer<typeof ServePrune>

/** Of `serve backup|check|restore`. */
export const ServeFile = v.strictObject({
  result: v.picklist(['backed_up', 'sound', 'restored']),
  /** The database that was read or checked, or the file it was restored from. */
  from: v.string(),
  to: v.optional(v.string()),
  /** Where the database went that was replaced. */
  kept: v.optional(v.string()),
  schema: number,
  bytes: number,
  users: number,
  events: number,
})
export type ServeFile = Answer<typeof ServeFile>
