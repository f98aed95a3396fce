/** Copies of the embedded database: made while the server runs, held against themselves, brought back. */
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { systemClock } from './process.ts'
import { databaseIn, type Place } from './serve.ts'
import { holdDirectory } from './store/hold.ts'
import { openDatabaseAsIs } from './store/sqlite-database.ts'
import { StoreTrouble, storeFault } from './store/trouble.ts'

export interface Sound {
  readonly schema: number
  readonly bytes: number
  readonly users: number
  readonly events: number
}

/** Path of the embedded database. Throws `invalid_input` for PostgreSQL and where there is none. */
export function embeddedDatabase(place: Place): string {
  if ('database' in place)
    throw new KittyError('invalid_input', 'This is for the embedded database only.', {
      hint: sh`PostgreSQL has its own tools: pg_dump, pg_restore, pg_amcheck`,
    })
  const path = join(place.data, 'sync.db')
  if (!existsSync(path))
    throw new KittyError('invalid_input', `There is no database ${path}.`, {
      hint: sh`Give the directory of a server with --data.`,
    })
  return path
}

/** Writes a whole, consistent copy to a new file (mode 0600). The server may run. Throws `invalid_input`, `io_failed`. */
export async function backUp(from: string, to: string): Promise<Sound> {
  if (existsSync(to))
    throw new KittyError('invalid_input', `${to} is there already.`, { hint: sh`Give a new file.` })
  const fresh = `${to}.part`
  const db = await openDatabaseAsIs(from)
  try {
    guard(fresh, () => {
      rmSync(fresh, { force: true })
      closeSync(openSync(fresh, 'wx', 0o600))
    })
    db.all('VACUUM INTO $1', [fresh])
    const sound = await examine(fresh)
    guard(to, () => settle(fresh, to))
    return sound
  } catch (error) {
    rmSync(fresh, { force: true })
    throw error
  } finally {
    db.close()
  }
}

/** Reads all of a database and holds every index against its table. Throws `StoreTrouble` when something is wrong. */
export async function examine(path: string): Promise<Sound> {
  guard(path, () => statSync(path))
  const db = await openDatabaseAsIs(path)
  try {
    const found = db.all('PRAGMA integrity_check', []).map(row => String(Object.values(row)[0]))
    if (found.join() !== 'ok')
      throw new StoreTrouble('damaged', `The database ${path} is damaged: ${found[0]}.`)
    const number = (sql: string): number => Number(Object.values(db.all(sql, [])[0] ?? {})[0])
    const ours = number("SELECT COUNT(*) FROM sqlite_master WHERE name IN ('users', 'events')")
    if (ours !== 2) throw new StoreTrouble('damaged', `${path} is no database of this server.`)
    return {
      schema: number('PRAGMA user_version'),
      bytes: statSync(path).size,
      users: number('SELECT COUNT(*) FROM users'),
      events: number('SELECT COUNT(*) FROM events'),
    }
  } finally {
    db.close()
  }
}

/**
 * Puts a copy in the place of the database of a data directory; what was there is kept beside it under another name,
 * which is answered. Throws `io_failed` while a server runs, and for a copy that is not sound: then nothing has changed.
 */
export async function restore(
  from: string,
  place: Place,
): Promise<Sound & { readonly to: string; readonly kept: string | undefined }> {
  if ('database' in place) embeddedDatabase(place)
  const data = 'data' in place ? place.data : ''
  const to = databaseIn(data)
  const hold = await holdDirectory(data)
  try {
    const sound = await examine(from)
    const fresh = `${to}.part`
    guard(fresh, () => {
      rmSync(fresh, { force: true })
      copyFileSync(from, fresh)
      closeSync(openSync(fresh, 'r+', 0o600))
    })
    const kept = existsSync(to) ? `${to}.before-${systemClock.now()}` : undefined
    guard(to, () => {
      // The journal belongs to the file that it lies beside.
      for (const part of ['', '-wal', '-shm'])
        if (kept !== undefined && existsSync(to + part)) renameSync(to + part, kept + part)
      settle(fresh, to)
    })
    return { ...sound, to, kept }
  } finally {
    hold.release()
  }
}

/** To disk, then to its name. */
function settle(fresh: string, to: string): void {
  for (const [path, act] of [
    [fresh, () => renameSync(fresh, to)],
    [dirname(to), () => {}],
  ] as const) {
    const fd = openSync(path, 'r')
    fsyncSync(fd)
    closeSync(fd)
    act()
  }
}

function guard<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    throw storeFault(cause, path)
  }
}
