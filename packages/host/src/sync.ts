/** What sync and login need of the world, made when a command first asks for it. */
import { createHash } from 'node:crypto'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Budget, SyncPorts } from '@spec-kitty/core/world/sync-ports'
import { startStopwatch } from './clock.ts'
import { stateDirectory } from './env.ts'
import { createIds } from './ids.ts'
import { createNet } from './net.ts'
import { createSecrets } from './secrets.ts'
import { createPrivateFiles } from './spool.ts'
import type { Variables } from './variables.ts'

/** The real thing, for the home directory that the environment names. */
export function createSyncPorts(env: Variables): SyncPorts {
  const home = stateDirectory(env)
  const store = createPrivateFiles()
  return {
    home,
    user: userName(env),
    net: createNet(env),
    store,
    secrets: createSecrets(join(home, 'auth'), store, createIds().hex),
    gzip: text => promisify(gzip)(text, { level: 1 }),
    sha256: data => createHash('sha256').update(data).digest('hex'),
    challenge: verifier => createHash('sha256').update(verifier).digest('base64url'),
    budget: createBudget,
  }
}

/** The name the Python edition finds, in its order, so that both editions are one node. */
function userName(env: Variables): string {
  const named = [env.LOGNAME, env.USER, env.LNAME, env.USERNAME].find(
    name => name !== undefined && name !== '',
  )
  try {
    return named ?? userInfo().username
  } catch {
    return 'unknown'
  }
}

function createBudget(ms: number): Budget {
  const over = new AbortController()
  const elapsed = startStopwatch()
  const timer = Number.isFinite(ms) ? setTimeout(() => over.abort(), ms) : undefined
  return {
    left: () => Math.max(0, ms - elapsed()),
    signal: over.signal,
    end: () => clearTimeout(timer),
  }
}
