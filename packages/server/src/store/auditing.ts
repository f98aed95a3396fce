/** Who did what: logins, refusals, shares, administration. */
import { all, type Operations, run } from './operation.ts'

export const auditing: Pick<Operations, 'note' | 'audit'> = {
  *note({ at, actor, action, subject, address }) {
    yield* run(
      'INSERT INTO audit (at, actor, action, subject, address) VALUES ($1, $2, $3, $4, $5)',
      at,
      actor,
      action,
      subject,
      address,
    )
  },

  *audit({ actor, action, most }) {
    const rows = yield* all(
      `SELECT * FROM audit WHERE (CAST($1 AS TEXT) IS NULL OR actor = $1)
       AND (CAST($2 AS TEXT) IS NULL OR action = $2) ORDER BY id DESC LIMIT $3`,
      actor ?? null,
      action ?? null,
      most,
    )
    return rows.map(row => ({
      at: String(row.at),
      actor: String(row.actor),
      action: String(row.action),
      subject: String(row.subject),
      address: String(row.address),
    }))
  },
}
