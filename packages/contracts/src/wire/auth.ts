/** Login and identity on the wire (docs/sync.md). Read loosely: a server may say more. */
import * as v from 'valibot'
import { count, text } from '../wire-fields.ts'

/** The only OAuth client: a program on the user's machine, without a secret. */
export const CLIENT_ID = 'cli_native'
export const SCOPE = 'offline_access'
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

export const DeviceAuthorization = v.looseObject({
  device_code: text,
  user_code: text,
  verification_uri: text,
  verification_uri_complete: v.optional(v.string()),
  /** Seconds. */
  expires_in: v.number(),
  interval: v.optional(v.number()),
})
export type DeviceAuthorization = v.InferOutput<typeof DeviceAuthorization>

export const TokenResponse = v.looseObject({
  access_token: text,
  refresh_token: text,
  /** Seconds from now until the access token ends. */
  expires_in: v.number(),
  session_id: text,
  token_type: v.optional(v.string()),
  scope: v.optional(v.string()),
  refresh_token_expires_at: v.optional(v.string()),
  refresh_token_expires_in: v.optional(v.number()),
  /** Counts rotations of the session's refresh token. */
  generation: v.optional(count),
})
export type TokenResponse = v.InferOutput<typeof TokenResponse>

/**
 * Words in `error`: authorization_pending, slow_down, access_denied, expired_token (device login);
 * invalid_grant, session_invalid, refresh_replay_benign_retry (refresh); the rest as in RFC 6749.
 */
export const OAuthError = v.looseObject({
  error: text,
  error_description: v.optional(v.string()),
  /** Seconds; with refresh_replay_benign_retry. */
  retry_after: v.optional(v.number()),
})

export const Team = v.looseObject({
  id: text,
  name: v.string(),
  role: v.string(),
  /** Events go to this team only; a user without one uploads nothing. */
  is_private_teamspace: v.optional(v.boolean()),
})
export type Team = v.InferOutput<typeof Team>

export const Me = v.looseObject({
  user_id: text,
  email: text,
  name: v.optional(v.nullable(v.string())),
  teams: v.array(Team),
  session_id: v.optional(v.string()),
  refresh_token_expires_at: v.optional(v.string()),
})
export type Me = v.InferOutput<typeof Me>

export const SessionStatus = v.looseObject({ session_id: text })
export const Revoked = v.looseObject({ revoked: v.boolean() })

export const WsToken = v.looseObject({
  ws_token: text,
  ws_url: text,
  expires_in: v.number(),
  session_id: text,
})
export type WsToken = v.InferOutput<typeof WsToken>
