/** `spec-kitty auth status|whoami|doctor --json`. No token is ever part of a result. */
import * as v from 'valibot'
import type { Answer } from '../answer.ts'

const Team = v.strictObject({ id: v.string(), name: v.string(), private: v.boolean() })

export const AuthStatus = v.strictObject({
  authenticated: v.boolean(),
  /** The configured server. */
  server: v.nullable(v.string()),
  /** The server the login is for. */
  issuer: v.nullable(v.string()),
  user: v.nullable(v.strictObject({ id: v.string(), email: v.string() })),
  teams: v.array(Team),
  session_id: v.nullable(v.string()),
  access_token_remaining_s: v.nullable(v.number()),
  refresh_token_remaining_s: v.nullable(v.number()),
  auth_method: v.nullable(v.string()),
})
export type AuthStatus = Answer<typeof AuthStatus>

export const AuthWhoami = v.strictObject({ email: v.string(), user_id: v.string() })
export type AuthWhoami = Answer<typeof AuthWhoami>

export const Finding = v.strictObject({
  id: v.string(),
  severity: v.picklist(['info', 'warning', 'critical']),
  summary: v.string(),
  remediation: v.string(),
})
export type Finding = Answer<typeof Finding>

export const AuthDoctor = v.strictObject({
  schema_version: v.literal(1),
  generated_at: v.string(),
  auth_root: v.string(),
  session: v.nullable(
    v.strictObject({
      present: v.boolean(),
      user_email: v.nullable(v.string()),
      session_id: v.nullable(v.string()),
      access_token_remaining_s: v.nullable(v.number()),
      refresh_token_remaining_s: v.nullable(v.number()),
      storage_backend: v.literal('file'),
    }),
  ),
  refresh_lock: v.strictObject({ held: v.boolean(), detail: v.nullable(v.string()) }),
  findings: v.array(Finding),
})
export type AuthDoctor = Answer<typeof AuthDoctor>
