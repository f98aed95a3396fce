/** One server for one data directory: a lock that ends with its process, however that ends. */
import { join } from 'node:path'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { openDatabaseAsIs } from './sqlite-database.ts'
import { StoreTrouble } from './trouble.ts'

export interface Hold {
  readonly release: () => void
}

/** Holds the directory. Throws `lock_busy` when another server has it. */
export async function holdDirectory(data: string): Promise<Hold> {
  // SQLite locks in the way of its platform; an empty database is enough.
  const path = join(data, 'serve.lock')
  const db = await openDatabaseAsIs(path)
  try {
    db.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    if (!(error instanceof StoreTrouble) || error.trouble !== 'busy') throw error
    throw new KittyError('lock_busy', `Another server runs on ${data}.`, {
      hint: sh`Stop it first, or give this one a directory of its own with --data.`,
    })
  }
  return { release: db.close }
}
