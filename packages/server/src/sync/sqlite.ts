/** The embedded store on SQLite. Every method is one transaction; none awaits inside, so no two interleave. */
import type { SnapshotWorkPackage } from '@spec-kitty/contracts/wire/batch'
import { openDatabase, type Queries, type Row } from './sqlite-database.ts'
import type {
  Grant,
  Membership,
  NewDocument,
  NewEvent,
  Rotation,
  RotationRequest,
  Session,
  Share,
  Store,
  StoredEvent,
  User,
} from './store.ts'

/** Opens or makes the database file (mode 0600) and brings its schema up to date. */
export async function openSqliteStore(path: string): Promise<Store> {
  const queries = await openDatabase(path)
  return {
    ...people(queries),
    ...logins(queries),
    ...events(queries),
    ...sharing(queries),
    close: async () => queries.close(),
  }
}

/** Users and their teams. */
function people({
  one,
  all,
  run,
  atomic,
}: Queries): Pick<Store, 'addUser' | 'userByName' | 'userById' | 'memberships' | 'teamExists'> {
  const addUser = async (user: User, memberships: readonly Membership[]): Promise<boolean> =>
    atomic(() => {
      const added = run(
        'INSERT INTO users (id, name, email, password_hash) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
        user.id,
        user.name,
        user.email,
        user.passwordHash,
      )
      if (added === 0) return false
      for (const each of memberships) {
        run(
          'INSERT INTO teams (id, title, private) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
          each.team,
          each.title,
          each.private ? 1 : 0,
        )
        run('INSERT INTO members (team, user, role) VALUES (?, ?, ?)', each.team, user.id, each.role)
      }
      return true
    })

  const userByName = async (name: string): Promise<User | undefined> =>
    userOf(one('SELECT * FROM users WHERE name = ?', name))

  const userById = async (id: string): Promise<User | undefined> =>
    userOf(one('SELECT * FROM users WHERE id = ?', id))

  const memberships = async (user: string): Promise<readonly Membership[]> =>
    all(
      `SELECT t.id, t.title, t.private, m.role FROM members m JOIN teams t ON t.id = m.team
       WHERE m.user = ? ORDER BY t.private DESC, t.id`,
      user,
    ).map(row => ({
      team: String(row.id),
      title: String(row.title),
      role: row.role === 'owner' ? 'owner' : 'member',
      private: row.private === 1,
    }))

  const teamExists = async (team: string): Promise<boolean> =>
    one('SELECT 1 FROM teams WHERE id = ?', team) !== undefined

  return { addUser, userByName, userById, memberships, teamExists }
}

/** Sessions and what was handed out for them. */
function logins({
  one,
  run,
  atomic,
}: Queries): Pick<
  Store,
  | 'putGrant'
  | 'grant'
  | 'takeGrant'
  | 'addSession'
  | 'session'
  | 'sessionByRefresh'
  | 'rotate'
  | 'endSession'
  | 'purge'
> {
  const putGrant = async (grant: Grant): Promise<void> => {
    run(
      'INSERT OR REPLACE INTO grants (kind, hash, expires_at, session, data) VALUES (?, ?, ?, ?, ?)',
      grant.kind,
      grant.hash,
      grant.expiresAt,
      grant.session,
      JSON.stringify(grant.data),
    )
  }

  const grant = async (kind: Grant['kind'], hash: string, now: number): Promise<Grant | undefined> =>
    grantOf(one('SELECT * FROM grants WHERE kind = ? AND hash = ? AND expires_at > ?', kind, hash, now))

  const takeGrant = async (kind: Grant['kind'], hash: string, now: number): Promise<Grant | undefined> =>
    grantOf(
      one('DELETE FROM grants WHERE kind = ? AND hash = ? AND expires_at > ? RETURNING *', kind, hash, now),
    )

  const addSession = async (session: Session): Promise<void> => {
    run(
      'INSERT INTO sessions (id, user, refresh_hash, generation, expires_at) VALUES (?, ?, ?, ?, ?)',
      session.id,
      session.user,
      session.refreshHash,
      session.generation,
      session.expiresAt,
    )
  }

  const session = async (id: string, now: number): Promise<Session | undefined> =>
    sessionOf(one('SELECT * FROM sessions WHERE id = ? AND expires_at > ?', id, now))

  const sessionByRefresh = async (hash: string): Promise<Session | undefined> =>
    sessionOf(one('SELECT * FROM sessions WHERE refresh_hash = ? OR previous_hash = ?', hash, hash))

  const rotate = async (request: RotationRequest): Promise<Rotation> =>
    atomic(() => {
      const { oldHash, newHash, now, expiresAt, graceMs } = request
      const rotated = one(
        `UPDATE sessions SET previous_hash = refresh_hash, refresh_hash = ?, rotated_at = ?, expires_at = ?,
         generation = generation + 1 WHERE refresh_hash = ? AND expires_at > ? RETURNING *`,
        newHash,
        now,
        expiresAt,
        oldHash,
        now,
      )
      const session = sessionOf(rotated)
      if (session !== undefined) return { kind: 'rotated', session }
      const stale = one('SELECT id, rotated_at FROM sessions WHERE previous_hash = ?', oldHash)
      if (stale === undefined) return { kind: 'unknown' }
      if (now - Number(stale.rotated_at) <= graceMs) return { kind: 'replayed' }
      end(String(stale.id))
      return { kind: 'reused', session: String(stale.id) }
    })

  function end(id: string): void {
    run('DELETE FROM grants WHERE session = ?', id)
    run('DELETE FROM sessions WHERE id = ?', id)
  }

  const endSession = async (id: string): Promise<void> => atomic(() => end(id))

  const purge = async (now: number): Promise<void> =>
    atomic(() => {
      run('DELETE FROM grants WHERE expires_at <= ?', now)
      run('DELETE FROM sessions WHERE expires_at <= ?', now)
    })

  return { putGrant, grant, takeGrant, addSession, session, sessionByRefresh, rotate, endSession, purge }
}

/** What clients sent. */
function events({
  all,
  run,
  atomic,
}: Queries): Pick<Store, 'ingest' | 'events' | 'workPackages' | 'putDocument' | 'forget'> {
  const ingest = async (
    team: string,
    events: readonly NewEvent[],
    receivedAt: string,
  ): Promise<readonly boolean[]> =>
    atomic(() =>
      events.map(event => {
        const added = run(
          `INSERT INTO events (team, id, type, project, timestamp, received_at, body) VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (team, id) DO NOTHING`,
          team,
          event.id,
          event.type,
          event.project,
          event.timestamp,
          receivedAt,
          event.body,
        )
        if (added > 0 && event.workPackage !== undefined) place(team, event.id, event.workPackage)
        return added > 0
      }),
    )

  /** Batches come in any order: the latest transition by time stamp, then id, decides. */
  function place(team: string, id: string, wp: SnapshotWorkPackage): void {
    run(
      `INSERT INTO work_packages (team, project, mission, wp, lane, updated_at, event) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (team, project, mission, wp) DO UPDATE SET lane = excluded.lane,
       updated_at = excluded.updated_at, event = excluded.event
       WHERE (excluded.updated_at, excluded.event) > (updated_at, event)`,
      team,
      wp.project_uuid,
      wp.mission_slug,
      wp.wp_id,
      wp.lane,
      wp.updated_at,
      id,
    )
  }

  const events = async (team: string, afterSeq: number, limit: number): Promise<readonly StoredEvent[]> =>
    all(
      `SELECT seq, received_at, body FROM events e WHERE seq > ? AND ${VISIBLE} ORDER BY seq LIMIT ?`,
      afterSeq,
      team,
      team,
      limit,
    ).map(row => ({
      seq: Number(row.seq),
      receivedAt: String(row.received_at),
      body: String(row.body),
    }))

  const workPackages = async (team: string): Promise<readonly SnapshotWorkPackage[]> =>
    all(`SELECT * FROM work_packages e WHERE ${VISIBLE} ORDER BY project, mission, wp`, team, team).map(
      row => ({
        project_uuid: String(row.project),
        mission_slug: String(row.mission),
        wp_id: String(row.wp),
        lane: String(row.lane),
        updated_at: String(row.updated_at),
      }),
    )

  const putDocument = async (team: string, document: NewDocument, receivedAt: string): Promise<boolean> =>
    run(
      `INSERT INTO documents (team, project, key, hash, content, received_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (team, project, key) DO UPDATE SET hash = excluded.hash, content = excluded.content,
       received_at = excluded.received_at WHERE hash <> excluded.hash`,
      team,
      document.project,
      document.key,
      document.hash,
      document.content,
      receivedAt,
    ) > 0

  const forget = async (team: string, project: string): Promise<number> =>
    atomic(() => {
      for (const table of ['work_packages', 'documents']) {
        run(`DELETE FROM ${table} WHERE team = ? AND project = ?`, team, project)
      }
      run('DELETE FROM shares WHERE source = ? AND project = ?', team, project)
      return run('DELETE FROM events WHERE team = ? AND project = ?', team, project)
    })

  return { ingest, events, workPackages, putDocument, forget }
}

/** Projects that one team shows to another. */
function sharing({ all, run }: Queries): Pick<Store, 'addShare' | 'removeShare' | 'shares' | 'sharers'> {
  const addShare = async (share: Share): Promise<void> => {
    run(
      'INSERT INTO shares (source, project, destination) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      share.source,
      share.project,
      share.destination,
    )
  }

  const removeShare = async (share: Share): Promise<boolean> =>
    run(
      'DELETE FROM shares WHERE source = ? AND project = ? AND destination = ?',
      share.source,
      share.project,
      share.destination,
    ) > 0

  const shares = async (source: string, project?: string): Promise<readonly Share[]> =>
    all(
      `SELECT * FROM shares WHERE source = ? AND (? IS NULL OR project = ?) ORDER BY project, destination`,
      source,
      project ?? null,
      project ?? null,
    ).map(row => ({
      source: String(row.source),
      project: String(row.project),
      destination: String(row.destination),
    }))

  const sharers = async (project: string, destination: string): Promise<number> =>
    all('SELECT source FROM shares WHERE project = ? AND destination = ?', project, destination).length

  return { addShare, removeShare, shares, sharers }
}

/** Rows (alias `e`) of the team itself and of projects that another team shares with it. Takes the team twice. */
const VISIBLE = `(e.team = ? OR EXISTS (SELECT 1 FROM shares s
  WHERE s.source = e.team AND s.project = e.project AND s.destination = ?))`

function userOf(row: Row | undefined): User | undefined {
  if (row === undefined) return undefined
  return {
    id: String(row.id),
    name: String(row.name),
    email: String(row.email),
    passwordHash: String(row.password_hash),
  }
}

function grantOf(row: Row | undefined): Grant | undefined {
  if (row === undefined) return undefined
  return {
    kind: row.kind as Grant['kind'],
    hash: String(row.hash),
    expiresAt: Number(row.expires_at),
    session: row.session === null ? null : String(row.session),
    data: JSON.parse(String(row.data)) as Grant['data'],
  }
}

function sessionOf(row: Row | undefined): Session | undefined {
  if (row === undefined) return undefined
  return {
    id: String(row.id),
    user: String(row.user),
    refreshHash: String(row.refresh_hash),
    generation: Number(row.generation),
    expiresAt: Number(row.expires_at),
  }
}
