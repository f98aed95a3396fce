/** What an operator does at the server's own machine. Every change is in the audit, as done by `console`. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { formatMicros } from '@spec-kitty/contracts/time'
import { systemClock, systemRandom } from './process.ts'
import type { Limits, Role, Store, User } from './store/store.ts'
import { hashPassword } from './sync/secrets.ts'
import { checkedPassword, checkTeamName } from './users.ts'

/** Events that one step of a removal takes: a running server goes on in between. */
const PORTION = 500

/** Now, as the database writes it. */
export function nowText(): string {
  return formatMicros(systemClock.now() * 1000)
}

export async function noteConsole(store: Store, action: string, subject: string): Promise<void> {
  await store.note({ at: nowText(), actor: 'console', action, subject, address: '' })
}

/** The user of that name. Throws `invalid_input`. */
export async function findUser(store: Store, name: string): Promise<User> {
  const user = await store.userByName(name)
  if (user !== undefined) return user
  throw new KittyError('invalid_input', `There is no user "${name}".`, {
    hint: sh`spec-kitty serve user list`,
  })
}

/** Disables or enables; how many sessions ended. */
export async function setUserDisabled(store: Store, user: User, disabled: boolean): Promise<number> {
  const ended = disabled ? await store.endSessions(user.id) : 0
  await store.setDisabled(user.id, disabled ? nowText() : null)
  await noteConsole(store, disabled ? 'user_disable' : 'user_enable', user.name)
  return ended
}

/** Ties a user to a subject of the company's identity provider: `<issuer> <sub>`. Throws `invalid_input`. */
export async function linkUser(store: Store, user: User, subject: string): Promise<void> {
  const fits = /^https?:\/\/\S+ \S{1,255}$/.test(subject)
  if (!fits)
    throw new KittyError('invalid_input', `"${subject}" is no subject of an identity provider.`, {
      hint: sh`Give issuer and subject as the refused sign-in showed them: "https://idp.example.com 1234"`,
    })
  if (!(await store.setSubject(user.id, subject)))
    throw new KittyError('invalid_input', `Another user has the subject "${subject}".`, {
      hint: sh`Remove that one first: spec-kitty serve user list`,
    })
  await noteConsole(store, 'user_link', `${user.name} ${subject}`)
}

/** Takes the user away with all sessions and everything in its private team; what it sent to shared teams stays there. */
export async function removeUser(store: Store, user: User): Promise<number> {
  const ended = await store.endSessions(user.id)
  const [listed] = (await store.users()).filter(({ id }) => id === user.id)
  for (const { team } of (listed?.teams ?? []).filter(each => each.private))
    while (!(await store.removeTeam(team, PORTION)));
  await store.removeUser(user.id)
  await noteConsole(store, 'user_remove', user.name)
  return ended
}

/** Sets a password, given or made; ends all sessions. Throws `invalid_input` for a short one. */
export async function setUserPassword(
  store: Store,
  user: User,
  given: string | undefined,
): Promise<{ readonly ended: number; readonly made: string | undefined }> {
  const password = checkedPassword(given, systemRandom)
  const hash = await hashPassword(password, systemRandom)
  const ended = await store.endSessions(user.id)
  await store.setPassword(user.id, hash)
  await noteConsole(store, 'user_passwd', user.name)
  return { ended, made: given === undefined ? password : undefined }
}

/** Throws `invalid_input` for a bad or taken name. */
export async function addTeam(store: Store, team: string, title: string): Promise<void> {
  checkTeamName(team)
  if (!(await store.addTeam(team, title)))
    throw new KittyError('invalid_input', `There is a team "${team}" already.`, {
      hint: sh`Choose another name.`,
    })
  await noteConsole(store, 'team_add', team)
}

/** Removes a shared team with everything in it. Throws `invalid_input` for one that is unknown or private. */
export async function removeTeam(store: Store, team: string): Promise<void> {
  await findTeam(store, team)
  while (!(await store.removeTeam(team, PORTION)));
  await noteConsole(store, 'team_remove', team)
}

/** Null takes the user out. Throws `invalid_input`. */
export async function setRole(store: Store, team: string, user: User, role: Role | null): Promise<void> {
  await findTeam(store, team)
  await store.setMember(team, user.id, role)
  await noteConsole(store, 'team_role', `${team} ${user.name} ${role ?? 'none'}`)
}

async function findTeam(store: Store, team: string): Promise<void> {
  const known = (await store.teams()).find(each => each.team === team)
  if (known === undefined)
    throw new KittyError('invalid_input', `There is no team "${team}".`, {
      hint: sh`spec-kitty serve team list`,
    })
  if (known.private)
    throw new KittyError('invalid_input', `Team "${team}" is the private one of a user.`, {
      hint: sh`It comes and goes with its user: spec-kitty serve user remove NAME`,
    })
}

/** Ends one session. Throws `invalid_input` for one that is unknown. */
export async function revokeSession(store: Store, session: string): Promise<number> {
  if (!(await store.endSession(session)))
    throw new KittyError('invalid_input', `There is no session "${session}".`, {
      hint: sh`spec-kitty serve session list`,
    })
  await noteConsole(store, 'session_revoke', session)
  return 1
}

/** Ends all sessions of a user; how many. */
export async function revokeSessions(store: Store, user: User): Promise<number> {
  const ended = await store.endSessions(user.id)
  await noteConsole(store, 'session_revoke', user.name)
  return ended
}

/** Whose limits are meant. Throws `invalid_input` for a name that is unknown. */
export async function ownerOf(
  store: Store,
  of: { readonly team?: string | undefined; readonly user?: string | undefined },
): Promise<string> {
  if (of.user !== undefined) return of.user === '*' ? 'user:*' : `user:${(await findUser(store, of.user)).id}`
  const team = of.team ?? '*'
  const known = team === '*' || (await store.teams()).some(each => each.team === team)
  if (!known)
    throw new KittyError('invalid_input', `There is no team "${team}".`, {
      hint: sh`spec-kitty serve team list`,
    })
  return `team:${team}`
}

/** Changes those that are given; `clear` begins from none. */
export async function changeLimits(
  store: Store,
  owner: string,
  change: Partial<Omit<Limits, 'owner'>>,
  clear: boolean,
): Promise<void> {
  const none = { maxEvents: null, maxBytes: null, keepDays: null }
  const had = clear ? undefined : (await store.limits()).find(each => each.owner === owner)
  await store.setLimits({ ...none, ...had, ...change, owner })
  await noteConsole(store, 'limits', owner)
}

/** Removes what is older than its team keeps; how many events. */
export async function prune(store: Store): Promise<number> {
  let removed = 0
  for (;;) {
    const now = await store.prune(systemClock.now(), PORTION)
    removed += now
    if (now === 0) break
  }
  if (removed > 0) await noteConsole(store, 'prune', String(removed))
  return removed
}
