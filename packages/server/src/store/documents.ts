/** Documents of missions, the latest content of each. */
import { all, type Op, type Operations, one, run, type Value } from './operation.ts'
import { countOff, keepCounts, overQuota, sumsOf } from './quota.ts'

export const documents: Pick<Operations, 'putDocument'> = {
  *putDocument(team, { project, key, hash, content }, receivedAt, sender) {
    const user = sender?.user ?? null
    const old = yield* one(
      `SELECT team, "user", bytes, hash FROM documents WHERE team = $1 AND project = $2 AND key = $3`,
      team,
      project,
      key,
    )
    if (old?.hash === hash) return { kind: 'known' }
    const bytes = Buffer.byteLength(content)
    const grown = bytes - Number(old?.bytes ?? 0)
    const refused = yield* overQuota(sumsOf([{ team, user, events: 0, bytes: grown }]))
    if (refused !== undefined) return refused
    yield* run(
      `INSERT INTO documents (team, project, key, hash, content, received_at, "user", bytes)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (team, project, key) DO UPDATE SET hash = excluded.hash,
       content = excluded.content, received_at = excluded.received_at, "user" = excluded."user",
       bytes = excluded.bytes`,
      team,
      project,
      key,
      hash,
      content,
      receivedAt,
      user,
      bytes,
    )
    yield* keepCounts(sumsOf([{ team, user, events: 0, bytes }]))
    if (old !== undefined) yield* countOff([old], 0)
    return { kind: 'stored' }
  },
}

/** Removes those that fulfil a condition, and counts them off. */
export function* removeDocuments(condition: string, ...values: readonly Value[]): Op<void> {
  const removed = yield* all(
    `DELETE FROM documents WHERE ${condition} RETURNING team, "user", bytes`,
    ...values,
  )
  yield* countOff(removed, 0)
}
