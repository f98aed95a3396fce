/** Projects that one team shows to another. */
import { all, count, type Operations, run } from './operation.ts'

export const sharing: Pick<Operations, 'addShare' | 'removeShare' | 'shares'> = {
  *addShare(share) {
    yield* run(
      'INSERT INTO shares (source, project, destination) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      share.source,
      share.project,
      share.destination,
    )
  },

  *removeShare(share) {
    const removed = yield* count(
      'DELETE FROM shares WHERE source = $1 AND project = $2 AND destination = $3 RETURNING source',
      share.source,
      share.project,
      share.destination,
    )
    return removed > 0
  },

  *shares(source, project) {
    const rows = yield* all(
      `SELECT s.*, (SELECT COUNT(*) FROM shares o WHERE o.destination = s.destination AND o.project = s.project)
       AS sharers FROM shares s WHERE s.source = $1 AND (CAST($2 AS TEXT) IS NULL OR s.project = $2)
       ORDER BY s.project, s.destination`,
      source,
      project ?? null,
    )
    return rows.map(row => ({
      source: String(row.source),
      project: String(row.project),
      destination: String(row.destination),
      sharers: Number(row.sharers),
    }))
  },
}
