/** Rows as values. */
import type { Row } from './operation.ts'
import type { Membership, User } from './store.ts'

export function userOf(row: Row | undefined): User | undefined {
  if (row === undefined) return undefined
  return {
    id: String(row.id),
    name: String(row.name),
    email: String(row.email),
    passwordHash: String(row.password_hash),
    disabledAt: textOf(row.disabled_at),
  }
}

export function membershipOf(row: Row): Membership {
  return {
    team: String(row.team),
    title: String(row.title),
    role: row.role === 'owner' ? 'owner' : 'member',
    private: Number(row.private) === 1,
  }
}

/** NULL as null. */
export function textOf(value: unknown): string | null {
  return value == null ? null : String(value)
}
