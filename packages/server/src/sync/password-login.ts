/** Name and password against the local user store, with a brake on guessing. */
import type { Clock } from './ports.ts'
import { verifyPassword } from './secrets.ts'
import type { Store, User } from './store.ts'

export type LoginOutcome = { readonly user: User } | { readonly refused: 'wrong' | 'too_many' }

/** Checks a name and a password for somebody at `from` (a network address). */
export type PasswordLogin = (name: string, password: string, from: string) => Promise<LoginOutcome>

const FREE_TRIES = 5
const PAUSE_MS = 60_000
/** Checking costs 32 MiB and 0.1 s: a flood of logins must not take the machine. */
const AT_ONCE = 4
const REMEMBERED = 10_000

interface Failures {
  count: number
  last: number
}

/** After five wrong passwords for one name from one address: a minute of pause after each further one. */
export function createPasswordLogin(store: Store, clock: Clock): PasswordLogin {
  const failures = new Map<string, Failures>()
  let running = 0
  return async (name, password, from) => {
    const key = `${from}\n${name}`
    const past = failures.get(key)
    const paused = past !== undefined && past.count >= FREE_TRIES && clock.now() - past.last < PAUSE_MS
    if (paused || running >= AT_ONCE) return { refused: 'too_many' }
    running++
    try {
      const user = await store.userByName(name)
      const fits = await verifyPassword(password.slice(0, 1024), user?.passwordHash)
      if (fits && user !== undefined) {
        failures.delete(key)
        return { user }
      }
    } finally {
      running--
    }
    // A Map keeps the order of insertion: the oldest entry goes first.
    if (failures.size >= REMEMBERED)
      for (const oldest of failures.keys()) {
        failures.delete(oldest)
        break
      }
    failures.set(key, { count: (past?.count ?? 0) + 1, last: clock.now() })
    return { refused: 'wrong' }
  }
}
