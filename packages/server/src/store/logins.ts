/** Sessions and what was handed out for them. */
import { parseJson } from '@spec-kitty/contracts/json'
import { all, count, type Op, type Operations, one, type Row, run } from './operation.ts'
import { membershipOf, userOf } from './rows.ts'
import type { Grant, ListedSession, Session } from './store.ts'

export const logins: Pick<
  Operations,
  | 'principal'
  | 'putGrants'
  | 'grant'
  | 'takeGrant'
  | 'addSession'
  | 'rotate'
  | 'sessionOf'
  | 'liveSessions'
  | 'sessions'
  | 'endSession'
  | 'endSessions'
  | 'purge'
> = {
  *principal(accessHash, now) {
    const rows = yield* all(PRINCIPAL, accessHash, now)
    const user = userOf(rows[0])
    if (user === undefined) return undefined
    const teams = rows.filter(row => row.team !== null).map(membershipOf)
    return { user, session: String(rows[0]?.session), teams }
  },

  *putGrants(grants) {
    for (const grant of grants)
      yield* run(
        `INSERT INTO grants (kind, hash, expires_at, session, data) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (kind, hash) DO UPDATE SET expires_at = excluded.expires_at, session = excluded.session,
         data = excluded.data`,
        grant.kind,
        grant.hash,
        grant.expiresAt,
        grant.session,
        JSON.stringify(grant.data),
      )
  },

  *grant(kind, hash, now) {
    const found = 'SELECT * FROM grants WHERE kind = $1 AND hash = $2 AND expires_at > $3'
    return grantOf(yield* one(found, kind, hash, now))
  },

  *takeGrant(kind, hash, now) {
    const taken = 'DELETE FROM grants WHERE kind = $1 AND hash = $2 AND expires_at > $3 RETURNING *'
    return grantOf(yield* one(taken, kind, hash, now))
  },

  *addSession(session, refreshHash, address) {
    yield* run(
      `INSERT INTO sessions (id, "user", generation, created_at, last_used_at, expires_at, ends_at, address)
       VALUES ($1, $2, $3, $4, $4, $5, $6, $7)`,
      session.id,
      session.user,
      session.generation,
      session.createdAt,
      session.expiresAt,
      session.endsAt,
      address,
    )
    yield* addToken(refreshHash, session.id, session.generation)
  },

  *rotate({ oldHash, newHash, now, lifetimeMs }) {
    // The update comes first: it holds the session against everybody else until this is done.
    const row = yield* one(
      `UPDATE sessions SET last_used_at = $2 WHERE expires_at > $2
       AND id = (SELECT session FROM refresh_tokens WHERE hash = $1) RETURNING *`,
      oldHash,
      now,
    )
    const session = sessionOf(row)
    if (session === undefined) return { kind: 'unknown' }
    const token = yield* one('SELECT * FROM refresh_tokens WHERE hash = $1', oldHash)
    const current = token?.state === 'current'
    // Used before, but nobody has used what was answered then: the answer was lost on the way.
    const lost = token?.state === 'used' && Number(token.generation) === session.generation - 1
    if (!current && !lost) {
      yield* end(session.id)
      return { kind: 'reused', session: session.id }
    }
    const state = current ? 'used' : 'superseded'
    yield* run(
      `UPDATE refresh_tokens SET state = $2 WHERE session = $1 AND state = 'current'`,
      session.id,
      state,
    )
    const generation = session.generation + (current ? 1 : 0)
    const expiresAt = Math.min(now + lifetimeMs, session.endsAt)
    yield* addToken(newHash, session.id, generation)
    yield* run(
      'UPDATE sessions SET generation = $2, expires_at = $3 WHERE id = $1',
      session.id,
      generation,
      expiresAt,
    )
    return { kind: 'rotated', session: { ...session, generation, expiresAt } }
  },

  *sessionOf(hash) {
    const row = yield* one(
      `SELECT session FROM refresh_tokens WHERE hash = $1
       UNION ALL SELECT session FROM grants WHERE kind = 'access' AND hash = $1`,
      hash,
    )
    return row === undefined ? undefined : String(row.session)
  },

  *liveSessions(ids, now) {
    const rows = yield* all(
      `SELECT s.id FROM sessions s WHERE s.expires_at > $2
       AND s.id IN (SELECT j.value ->> 'id' FROM ROWS($1) AS j)`,
      JSON.stringify(ids.map(id => ({ id }))),
      now,
    )
    return rows.map(row => String(row.id))
  },

  *sessions(user, now) {
    const rows = yield* all(
      `SELECT s.*, u.name FROM sessions s JOIN users u ON u.id = s."user"
       WHERE s.expires_at > $2 AND (CAST($1 AS TEXT) IS NULL OR s."user" = $1) ORDER BY u.name, s.created_at`,
      user,
      now,
    )
    return rows.flatMap((row): readonly ListedSession[] => {
      const session = sessionOf(row)
      if (session === undefined) return []
      const [name, address] = [String(row.name), String(row.address)]
      return [{ ...session, name, address, lastUsedAt: Number(row.last_used_at) }]
    })
  },

  *endSession(id) {
    return (yield* end(id)) > 0
  },

  *endSessions(user) {
    return yield* endAll(user)
  },

  *purge(now) {
    yield* run('DELETE FROM grants WHERE expires_at <= $1', now)
    yield* run(
      'DELETE FROM refresh_tokens WHERE session IN (SELECT id FROM sessions WHERE expires_at <= $1)',
      now,
    )
    yield* run('DELETE FROM sessions WHERE expires_at <= $1', now)
    yield* run('DELETE FROM attempts WHERE until <= $1', now)
  },
}

const PRINCIPAL = `SELECT u.*, s.id AS session, t.id AS team, t.title, t.private, m.role
  FROM grants g JOIN sessions s ON s.id = g.session JOIN users u ON u.id = s."user"
  LEFT JOIN members m ON m."user" = u.id LEFT JOIN teams t ON t.id = m.team
  WHERE g.kind = 'access' AND g.hash = $1 AND g.expires_at > $2 AND s.expires_at > $2 AND u.disabled_at IS NULL
  ORDER BY t.private DESC, t.id`

function* addToken(hash: string, session: string, generation: number): Op<void> {
  yield* run(
    `INSERT INTO refresh_tokens (hash, session, generation, state) VALUES ($1, $2, $3, 'current')`,
    hash,
    session,
    generation,
  )
}

function* end(id: string): Op<number> {
  yield* run('DELETE FROM grants WHERE session = $1', id)
  yield* run('DELETE FROM refresh_tokens WHERE session = $1', id)
  return yield* count('DELETE FROM sessions WHERE id = $1 RETURNING id', id)
}

/** Ends every session of a user. */
export function* endAll(user: string): Op<number> {
  const ids = yield* all('SELECT id FROM sessions WHERE "user" = $1', user)
  for (const { id } of ids) yield* end(String(id))
  return ids.length
}

function grantOf(row: Row | undefined): Grant | undefined {
  if (row === undefined) return undefined
  return {
    kind: row.kind as Grant['kind'],
    hash: String(row.hash),
    expiresAt: Number(row.expires_at),
    session: row.session == null ? null : String(row.session),
    data: parseJson(String(row.data)) as Grant['data'],
  }
}

function sessionOf(row: Row | undefined): Session | undefined {
  if (row === undefined) return undefined
  return {
    id: String(row.id),
    user: String(row.user),
    generation: Number(row.generation),
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    endsAt: Number(row.ends_at),
  }
}
