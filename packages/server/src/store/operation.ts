/**
 * Work on the database, written once for every database: a generator yields statements and is given their rows. A driver
 * runs it without a pause (SQLite) or waits for each answer (PostgreSQL); either way it is one transaction, all or nothing.
 *
 * The SQL is what both understand: `$1` for a value, `CAST(… AS …)` where a type cannot be guessed, and `ROWS($1)` for a
 * JSON list as a table whose column `value` is read with `->>`, and `PART($1, from, bytes)` for the text in a part of a
 * buffer, counted from 1.
 */
import type { OperationName, Store } from './store.ts'

export type Value = string | number | null | Uint8Array
export type Row = Readonly<Record<string, unknown>>

export interface Statement {
  readonly text: string
  readonly values: readonly Value[]
}

export type Op<T> = Generator<Statement, T, readonly Row[]>

/** The methods of the store as work on a database. */
export type Operations = {
  readonly [K in OperationName]: (...args: Parameters<Store[K]>) => Op<Awaited<ReturnType<Store[K]>>>
}

/** All rows. */
export function* all(text: string, ...values: readonly Value[]): Op<readonly Row[]> {
  return yield { text, values }
}

/** The first row. */
export function* one(text: string, ...values: readonly Value[]): Op<Row | undefined> {
  return (yield { text, values })[0]
}

/** For a statement with RETURNING: how many rows it touched. */
export function* count(text: string, ...values: readonly Value[]): Op<number> {
  return (yield { text, values }).length
}

/** For a statement whose rows nobody needs. */
export function* run(text: string, ...values: readonly Value[]): Op<void> {
  yield { text, values }
}
