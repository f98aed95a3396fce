/** The switch of sync. Everything else of sync is loaded behind it. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import type { Env } from '../world/ports.ts'

/** The message scripts know from 3.2.0. */
const DISABLED =
  'Hosted SaaS sync is not enabled on this machine. Set `SPEC_KITTY_ENABLE_SAAS_SYNC=1` to opt in.'

/** True when the user switched sync on (docs/sync.md). */
export function isSyncOn(env: Pick<Env, 'get'>): boolean {
  return /^(1|true|yes|on)$/i.test((env.get('SPEC_KITTY_ENABLE_SAAS_SYNC') ?? '').trim())
}

/** For commands whose whole work is sync. Throws `sync_disabled`. */
export function requireSync(env: Pick<Env, 'get'>): void {
  if (isSyncOn(env)) return
  throw new KittyError('sync_disabled', DISABLED, { hint: sh`export SPEC_KITTY_ENABLE_SAAS_SYNC=1` })
}
