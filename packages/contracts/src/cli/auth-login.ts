/** `spec-kitty auth login|logout --json`. No token is ever part of a result. */
import * as v from 'valibot'
import type { Answer } from '../answer.ts'

export const AuthLogin = v.strictObject({
  authenticated: v.literal(true),
  /** Somebody was logged in before: nothing was asked. */
  already: v.boolean(),
  email: v.string(),
  server: v.string(),
  team: v.nullable(v.strictObject({ id: v.string(), name: v.string(), private: v.boolean() })),
  method: v.picklist(['device_code', 'authorization_code', 'stored']),
})
export type AuthLogin = Answer<typeof AuthLogin>

export const AuthLogout = v.strictObject({
  logged_out: v.boolean(),
  /** The server confirmed it. */
  revoked: v.boolean(),
  detail: v.nullable(v.string()),
})
export type AuthLogout = Answer<typeof AuthLogout>
