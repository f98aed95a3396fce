/** Teams and who belongs to them. */
import { removeDocuments } from './documents.ts'
import { removeEvents } from './events.ts'
import { all, type Operations, one, run } from './operation.ts'
import type { ListedTeam } from './store.ts'

export const teams: Pick<Operations, 'teams' | 'addTeam' | 'removeTeam' | 'setMember'> = {
  *teams() {
    const rows = yield* all(
      `SELECT t.*, COALESCE(c.events, 0) AS events, COALESCE(c.bytes, 0) AS bytes
       FROM teams t LEFT JOIN stored c ON c.owner = 'team:' || t.id ORDER BY t.private, t.id`,
    )
    const members = yield* all(
      'SELECT m.team, m.role, u.name FROM members m JOIN users u ON u.id = m."user" ORDER BY u.name',
    )
    const membersOf = new Map<string, { name: string; role: 'owner' | 'member' }[]>()
    for (const row of members) {
      const list = membersOf.get(String(row.team)) ?? []
      list.push({ name: String(row.name), role: row.role === 'owner' ? 'owner' : 'member' })
      membersOf.set(String(row.team), list)
    }
    return rows.map(
      (row): ListedTeam => ({
        team: String(row.id),
        title: String(row.title),
        private: Number(row.private) === 1,
        members: membersOf.get(String(row.id)) ?? [],
        events: Number(row.events),
        bytes: Number(row.bytes),
      }),
    )
  },

  *addTeam(team, title) {
    const added = yield* one(
      'INSERT INTO teams (id, title, private) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING RETURNING id',
      team,
      title,
    )
    return added !== undefined
  },

  *removeTeam(team, most) {
    const removed = yield* removeEvents(
      'SELECT seq FROM events WHERE team = $1 ORDER BY seq LIMIT $2',
      team,
      most,
    )
    if (removed === most) return false
    yield* removeDocuments('team = $1', team)
    for (const table of ['work_packages', 'members']) yield* run(`DELETE FROM ${table} WHERE team = $1`, team)
    yield* run('DELETE FROM shares WHERE source = $1 OR destination = $1', team)
    yield* run('DELETE FROM stored WHERE owner = $1', `team:${team}`)
    yield* run('DELETE FROM limits WHERE owner = $1', `team:${team}`)
    yield* run('DELETE FROM teams WHERE id = $1', team)
    return true
  },

  *setMember(team, user, role) {
    if (role === null) yield* run('DELETE FROM members WHERE team = $1 AND "user" = $2', team, user)
    else
      yield* run(
        `INSERT INTO members (team, "user", role) VALUES ($1, $2, $3)
         ON CONFLICT (team, "user") DO UPDATE SET role = excluded.role`,
        team,
        user,
        role,
      )
  },
}
