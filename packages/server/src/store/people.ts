/** Users. */
import { endAll } from './logins.ts'
import { all, type Op, type Operations, one, run } from './operation.ts'
import { membershipOf, userOf } from './rows.ts'
import type { ListedUser, Membership } from './store.ts'

export const people: Pick<
  Operations,
  | 'addUser'
  | 'userByName'
  | 'userById'
  | 'userBySubject'
  | 'setSubject'
  | 'users'
  | 'setDisabled'
  | 'setPassword'
  | 'removeUser'
> = {
  *addUser(user, memberships) {
    // Two names may fold into one team id: nobody joins somebody else's private team.
    const own = memberships.filter(each => each.private)
    for (const team of own) if (!(yield* addTeam(team))) return false
    const added = yield* one(
      `INSERT INTO users (id, name, email, password_hash, disabled_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING RETURNING id`,
      user.id,
      user.name,
      user.email,
      user.passwordHash,
      user.disabledAt,
    )
    if (added === undefined) {
      for (const { team } of own) yield* run('DELETE FROM teams WHERE id = $1', team)
      return false
    }
    for (const each of memberships) {
      yield* addTeam(each)
      yield* run(
        'INSERT INTO members (team, "user", role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        each.team,
        user.id,
        each.role,
      )
    }
    return true
  },

  *userByName(name) {
    return userOf(yield* one('SELECT * FROM users WHERE name = $1', name))
  },

  *userById(id) {
    return userOf(yield* one('SELECT * FROM users WHERE id = $1', id))
  },

  *userBySubject(subject) {
    return userOf(yield* one('SELECT * FROM users WHERE subject = $1', subject))
  },

  *setSubject(user, subject) {
    const other = yield* one('SELECT id FROM users WHERE subject = $1 AND id <> $2', subject, user)
    if (other === undefined) yield* run('UPDATE users SET subject = $2 WHERE id = $1', user, subject)
    return other === undefined
  },

  *users() {
    const rows = yield* all(
      `SELECT u.*, COALESCE(c.events, 0) AS events, COALESCE(c.bytes, 0) AS bytes,
       (SELECT COUNT(*) FROM sessions s WHERE s."user" = u.id) AS sessions
       FROM users u LEFT JOIN stored c ON c.owner = 'user:' || u.id ORDER BY u.name`,
    )
    const members = yield* all(
      `SELECT m."user", m.role, t.id AS team, t.title, t.private FROM members m JOIN teams t ON t.id = m.team
       ORDER BY t.private DESC, t.id`,
    )
    const teamsOf = new Map<string, Membership[]>()
    for (const row of members) {
      const list = teamsOf.get(String(row.user)) ?? []
      list.push(membershipOf(row))
      teamsOf.set(String(row.user), list)
    }
    return rows.flatMap((row): readonly ListedUser[] => {
      const user = userOf(row)
      const teams = teamsOf.get(String(row.id)) ?? []
      const [sessions, events, bytes] = [Number(row.sessions), Number(row.events), Number(row.bytes)]
      return user === undefined ? [] : [{ ...user, teams, sessions, events, bytes }]
    })
  },

  *setDisabled(user, at) {
    yield* run('UPDATE users SET disabled_at = $2 WHERE id = $1', user, at)
    if (at !== null) yield* endAll(user)
  },

  *setPassword(user, hash) {
    yield* run('UPDATE users SET password_hash = $2 WHERE id = $1', user, hash)
    yield* endAll(user)
  },

  *removeUser(user) {
    yield* endAll(user)
    yield* run('DELETE FROM members WHERE "user" = $1', user)
    yield* run('DELETE FROM stored WHERE owner = $1', `user:${user}`)
    yield* run('DELETE FROM limits WHERE owner = $1', `user:${user}`)
    yield* run('DELETE FROM users WHERE id = $1', user)
  },
}

/** False when there is one already. */
function* addTeam(each: Membership): Op<boolean> {
  const added = yield* one(
    'INSERT INTO teams (id, title, private) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id',
    each.team,
    each.title,
    each.private ? 1 : 0,
  )
  return added !== undefined
}
