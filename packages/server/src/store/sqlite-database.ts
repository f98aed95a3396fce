/** Opens a SQLite file: Node's own library (22.13 and newer) or libsql, which has the same synchronous API. */
import { closeSync, openSync } from 'node:fs'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { builtin } from '../process.ts'
import type { Row, Value } from './operation.ts'
import { MIGRATIONS } from './sqlite-schema.ts'
import { storeFault } from './trouble.ts'

/** The part of `DatabaseSync` that both libraries have. */
interface Database {
  exec(sql: string): void
  prepare(sql: string): Prepared
  close(): void
}

interface Prepared {
  all(...values: readonly Value[]): readonly unknown[]
  run(...values: readonly Value[]): unknown
}

/** Statements that give rows. The others are run: rows that nobody reads would be kept until the heap is swept. */
const GIVES_ROWS = /^\s*(?:SELECT|PRAGMA|EXPLAIN)\b|\bRETURNING\b/i

type Open = new (path: string) => Database

/** Statements are prepared once and kept. Everything throws a `StoreTrouble` when file or disk fail. */
export interface Sqlite {
  readonly all: (text: string, values: readonly Value[]) => readonly Row[]
  readonly exec: (sql: string) => void
  readonly close: () => void
}

/** Opens or makes the file (mode 0600), and does the schema steps that are missing. Throws `schema_too_new`. */
export async function openDatabase(path: string): Promise<Sqlite> {
  const { db, guard } = await open(path)
  try {
    // Acknowledged means durable: FULL syncs the journal at each commit.
    guard(() => {
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000')
      // What was forgotten is overwritten.
      db.exec('PRAGMA secure_delete = ON; PRAGMA cache_size = -2048; PRAGMA journal_size_limit = 67108864')
    })
    guard(() => migrate(db, path))
  } catch (error) {
    db.close()
    throw error
  }
  return connection(db, guard, true)
}

/** Opens or makes the file (mode 0600) and changes nothing in it. */
export async function openDatabaseAsIs(path: string): Promise<Sqlite> {
  const { db, guard } = await open(path)
  return connection(db, guard, false)
}

type Guard = <T>(act: () => T) => T

async function open(path: string): Promise<{ readonly db: Database; readonly guard: Guard }> {
  const Sqlite = await findSqlite()
  const guard: Guard = act => {
    try {
      return act()
    } catch (cause) {
      throw storeFault(cause, path)
    }
  }
  const db = guard(() => {
    // SQLite gives its journal the mode of the database file.
    closeSync(openSync(path, 'a', 0o600))
    return new Sqlite(path)
  })
  return { db, guard }
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
  const [row] = db.prepare('PRAGMA user_version').all() as readonly { readonly user_version: number }[]
  const have = Number(row?.user_version)
  if (have > MIGRATIONS.length) {
    throw new KittyError('schema_too_new', `${path} was written by a newer server (schema ${have}).`, {
      hint: sh`Run the newer program, or give another --data directory.`,
    })
  }
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < have) continue
    try {
      db.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT`)
    } catch (error) {
      db.exec('ROLLBACK')
      throw error
    }
  }
}

function connection(db: Database, guard: Guard, writes: boolean): Sqlite {
  const statements = new Map<string, Prepared>()
  const prepared = (text: string): Prepared => {
    const known = statements.get(text)
    if (known !== undefined) return known
    const made = db.prepare(dialect(text))
    statements.set(text, made)
    return made
  }
  return {
    all: (text, values) =>
      guard(() => {
        const statement = prepared(text)
        if (GIVES_ROWS.test(text)) return statement.all(...values) as readonly Row[]
        statement.run(...values)
        return []
      }),
    exec: sql => guard(() => db.exec(sql)),
    close: () => {
      statements.clear()
      try {
        // libsql leaves the journal behind when it closes. On a full disk it stays, and is read at the next start.
        if (writes) db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      } catch {
        // Nothing is lost, and there is nobody to tell: the program is ending.
      }
      db.close()
    },
  }
}

/** The common SQL in the words of SQLite. */
function dialect(text: string): string {
  return text
    .replace(/ROWS\((\$\d+)\)/g, 'json_each($1)')
    .replace(/PART\((.+?), (.+?), (.+?)\)/g, 'CAST(substr($1, $2, $3) AS TEXT)')
    .replace(/\$(\d+)/g, '?$1')
}
