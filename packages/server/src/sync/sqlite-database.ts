/** Opens a SQLite file: Node's own library (22.13 and newer) or libsql, which has the same synchronous API. */
import { closeSync, openSync } from 'node:fs'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { builtin } from '../process.ts'
import { MIGRATIONS } from './sqlite-schema.ts'

type Value = string | number | null
export type Row = Readonly<Record<string, unknown>>

/** The part of `DatabaseSync` that both libraries have. */
interface Database {
  exec(sql: string): void
  prepare(sql: string): Statement
  close(): void
}

interface Statement {
  run(...values: Value[]): { readonly changes: number | bigint }
  get(...values: Value[]): unknown
  all(...values: Value[]): readonly unknown[]
}

type Open = new (path: string) => Database

/** Statements are prepared once and kept. */
export interface Queries {
  /** The first row. */
  readonly one: (sql: string, ...values: Value[]) => Row | undefined
  readonly all: (sql: string, ...values: Value[]) => readonly Row[]
  /** How many rows changed. */
  readonly run: (sql: string, ...values: Value[]) => number
  /** One transaction; rolled back when `work` throws. */
  readonly atomic: <T>(work: () => T) => T
  readonly close: () => void
}

/** Opens or makes the file (mode 0600), and does the schema steps that are missing. Throws `schema_too_new`. */
export async function openDatabase(path: string): Promise<Queries> {
  const Sqlite = await findSqlite()
  // SQLite gives its journal the mode of the database file.
  closeSync(openSync(path, 'a', 0o600))
  const db = new Sqlite(path)
  // Acknowledged means durable: FULL syncs the journal at each commit.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000')
  migrate(db, path)
  return queriesOn(db)
}

async function findSqlite(): Promise<Open> {
  const own = builtin('node:sqlite') as { readonly DatabaseSync?: Open } | undefined
  if (own?.DatabaseSync !== undefined) return own.DatabaseSync
  try {
    return ((await import('libsql')) as unknown as { readonly default: Open }).default
  } catch (cause) {
    throw new KittyError(
      'not_in_this_edition',
      'This Node has no SQLite, and the package libsql is missing.',
      {
        hint: sh`Use Node 22.13 or newer, or run: npm install --global libsql@0.5.29`,
        cause,
      },
    )
  }
}

function migrate(db: Database, path: string): void {
  const row = db.prepare('PRAGMA user_version').get() as { readonly user_version: number }
  const have = Number(row.user_version)
  if (have > MIGRATIONS.length) {
    db.close()
    throw new KittyError('schema_too_new', `${path} was written by a newer server (schema ${have}).`, {
      hint: sh`Run the newer program, or give another --data directory.`,
    })
  }
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index >= have) db.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT`)
  }
}

function queriesOn(db: Database): Queries {
  const statements = new Map<string, Statement>()
  const prepared = (sql: string): Statement => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const made = db.prepare(sql)
    statements.set(sql, made)
    return made
  }
  return {
    one: (sql, ...values) => (prepared(sql).get(...values) ?? undefined) as Row | undefined,
    all: (sql, ...values) => prepared(sql).all(...values) as readonly Row[],
    run: (sql, ...values) => Number(prepared(sql).run(...values).changes),
    atomic: work => {
      db.exec('BEGIN IMMEDIATE')
      try {
        const result = work()
        db.exec('COMMIT')
        return result
      } catch (error) {
        db.exec('ROLLBACK')
        throw error
      }
    },
    close: () => {
      statements.clear()
      // libsql leaves the journal behind when it closes.
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      db.close()
    },
  }
}
