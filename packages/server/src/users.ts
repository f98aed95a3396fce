/** Making users of the local user store. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import type { Membership, Store, User } from './store/store.ts'
import type { Random } from './sync/ports.ts'
import { hashPassword } from './sync/secrets.ts'

export interface NewUser {
  readonly name: string
  readonly email?: string | undefined
  /** Undefined: one is made. Null: none fits, an identity provider vouches for the user. */
  readonly password?: string | null | undefined
  /** Shared teams to join; made when missing. */
  readonly teams: readonly string[]
  /** Work that the hash of the password takes, as `hashPassword` counts it; left out: enough. */
  readonly cost?: number
}

export interface AddedUser {
  readonly user: User
  readonly privateTeam: string
  /** Only when it was made here: it is kept nowhere and shown once. */
  readonly generatedPassword: string | undefined
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._@-]{0,62}[A-Za-z0-9])?$/
const TEAM = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/
const PRIVATE = 'private-'
const MIN_PASSWORD = 8

/** Whether a user may be called so. */
export function isUserName(name: string): boolean {
  return NAME.test(name)
}

/** Adds a user with a private team. Throws `invalid_input` for a bad or taken name, team or password. */
export async function addUser(store: Store, random: Random, request: NewUser): Promise<AddedUser> {
  const { name } = request
  check(isUserName(name), `"${name}" is no user name.`, sh`Use letters, digits, dot, dash, underscore or @.`)
  for (const team of request.teams) checkTeamName(team)
  const given = request.password
  const password = given === null ? null : checkedPassword(given, random)
  const user: User = {
    id: `u-${Buffer.from(random(8)).toString('hex')}`,
    name,
    email: request.email ?? (name.includes('@') ? name : `${name}@localhost`),
    passwordHash: password === null ? '' : await hashPassword(password, random, request.cost),
    disabledAt: null,
  }
  const privateTeam = PRIVATE + name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  const own: Membership = { team: privateTeam, title: `${name} (private)`, role: 'owner', private: true }
  const shared = request.teams.map(
    (team): Membership => ({ team, title: team, role: 'member', private: false }),
  )
  const added = await store.addUser(user, [own, ...shared])
  check(added, `The name "${name}" is taken.`, sh`Choose another name.`)
  return { user, privateTeam, generatedPassword: given === undefined ? (password ?? undefined) : undefined }
}

/** Refuses what cannot be the id of a shared team. Throws `invalid_input`. */
export function checkTeamName(team: string): void {
  const fits = TEAM.test(team) && !team.startsWith(PRIVATE)
  check(fits, `"${team}" is no team name.`, sh`Use small letters, digits and dashes; "private-" is reserved.`)
}

/** The password given, when it is long enough, or a new one. Throws `invalid_input`. */
export function checkedPassword(given: string | undefined, random: Random): string {
  const long = given === undefined || given.length >= MIN_PASSWORD
  check(long, `The password is shorter than ${MIN_PASSWORD} characters.`, sh`Choose a longer one.`)
  return given ?? Buffer.from(random(15)).toString('base64url')
}

function check(fits: boolean, message: string, hint: Remedy): void {
  if (!fits) throw new KittyError('invalid_input', message, { hint })
}
