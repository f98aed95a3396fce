/** Name and password against the local user store, with a brake on guessing that several servers share. */
import type { Store, User } from '../store/store.ts'
import type { Clock } from './ports.ts'
import { verifyPassword } from './secrets.ts'

export type LoginOutcome = { readonly user: User } | { readonly refused: 'wrong' | 'too_many' }

/** Checks a name and a password for somebody at `from` (a network address). */
export type PasswordLogin = (name: string, password: string, from: string) => Promise<LoginOutcome>

const MINUTE = 60_000
/** Of one name from one address. */
const TRIES = { limit: 5, windowMs: MINUTE }
/** Of one address, whatever the names: who tries many passwords or many names. */
const ADDRESS = { limit: 20, windowMs: 10 * MINUTE }
/** Of one name, whatever the addresses: guessing from many machines. */
const NAME = { limit: 50, windowMs: 60 * MINUTE }
/** Who logged in from an address once is not kept out there by what others do, for so long. */
const KNOWN = { limit: Number.MAX_SAFE_INTEGER, windowMs: 90 * 24 * 60 * MINUTE }

/** Checking costs 32 MiB and 0.1 s: a flood of logins must not take the machine, nor the threads that read the disk. */
const AT_ONCE = 2
const IN_LINE = 64

/** An attempt is counted before it is checked, so that many at once count as many; a success takes it back. */
export function createPasswordLogin(
  store: Store,
  clock: Clock,
  check: typeof verifyPassword = verifyPassword,
): PasswordLogin {
  const turn = createLine()
  return async (name, password, from) => {
    const who = name.slice(0, 128)
    const [pair, known] = [`login ${from} ${who}`, `known ${from} ${who}`]
    const seenBefore = await store.isCounted(known, clock.now())
    const others = [
      { key: `address ${from}`, ...ADDRESS },
      { key: `name ${who}`, ...NAME },
    ]
    const allowances = [{ key: pair, ...TRIES }, ...(seenBefore ? [] : others)]
    if (!(await store.reserve(allowances, clock.now()))) return { refused: 'too_many' }
    const checked = await turn(seenBefore, async () => {
      const user = await store.userByName(name)
      const open = user !== undefined && user.disabledAt === null
      const fits = await check(password.slice(0, 1024), open ? user.passwordHash : undefined)
      return fits ? user : undefined
    })
    if (checked === 'full') return { refused: 'too_many' }
    if (checked === undefined) return { refused: 'wrong' }
    await store.release([pair], seenBefore ? [] : others.map(({ key }) => key))
    await store.reserve([{ key: known, ...KNOWN }], clock.now())
    return { user: checked }
  }
}

type Turn = <T>(first: boolean, work: () => Promise<T>) => Promise<T | 'full'>

/** Lets few work at once and the others wait; those who are known go first. */
function createLine(): Turn {
  const known: (() => void)[] = []
  const others: (() => void)[] = []
  let running = 0
  return async (first, work) => {
    const line = first ? known : others
    if (line.length >= IN_LINE) return 'full'
    // Who is woken takes over the place of the one who leaves.
    if (running >= AT_ONCE) await new Promise<void>(resolve => line.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      const next = known.shift() ?? others.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
