/** Errors of databases and disks, told as what they are. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'

export type Trouble = 'full' | 'damaged' | 'unusable' | 'busy' | 'away'

/** The store cannot do what was asked, through no fault of the request. */
export class StoreTrouble extends KittyError {
  readonly trouble: Trouble

  constructor(trouble: Trouble, message: string, cause?: unknown) {
    super('io_failed', message, { hint: HINTS[trouble], cause })
    this.name = 'StoreTrouble'
    this.trouble = trouble
  }
}

const HINTS: Readonly<Record<Trouble, Remedy>> = {
  full: sh`Free space on that disk; nothing that was acknowledged is lost.`,
  damaged: sh`Stop the server and bring back a backup with: spec-kitty serve restore FILE --data DIR`,
  unusable: sh`Give another --data directory, or make this file readable and writable.`,
  busy: sh`Another program is writing to it; try again in a moment.`,
  away: sh`Start the database, or check the address in --database; the server goes on by itself.`,
}

/** An error of SQLite or of the file system as trouble of that file; anything else as it is: a bug. */
export function storeFault(cause: unknown, path: string): unknown {
  if (!(cause instanceof Error) || cause instanceof KittyError) return cause
  const { trouble, reason } = reasonOf(cause)
  if (trouble === undefined) return cause
  return new StoreTrouble(trouble, `The database ${path} ${WORDS[trouble]} (${reason}).`, cause)
}

const WORDS: Readonly<Record<Trouble, string>> = {
  full: 'cannot grow: the disk is full',
  damaged: 'is damaged or no database',
  unusable: 'cannot be opened or used',
  busy: 'is locked by another program',
  away: 'does not answer',
}

/** SQLite's primary result codes. */
const BY_NUMBER: Readonly<Record<number, Trouble>> = {
  5: 'busy',
  6: 'busy',
  8: 'unusable',
  10: 'unusable',
  11: 'damaged',
  13: 'full',
  14: 'unusable',
  26: 'damaged',
}

const BY_NAME: readonly (readonly [RegExp, Trouble])[] = [
  [/^SQLITE_(BUSY|LOCKED)/, 'busy'],
  [/^(SQLITE_FULL|ENOSPC|EDQUOT)/, 'full'],
  [/^SQLITE_(CORRUPT|NOTADB)/, 'damaged'],
  [/^SQLITE_(READONLY|IOERR|CANTOPEN|PERM)/, 'unusable'],
  [/^E(ISDIR|NOTDIR|ACCES|PERM|ROFS|IO|NOENT|MFILE|LOOP)$/, 'unusable'],
]

function reasonOf(cause: Error): { readonly trouble: Trouble | undefined; readonly reason: string } {
  const { code, errcode, rawCode } = cause as { code?: unknown; errcode?: unknown; rawCode?: unknown }
  const name = String(code ?? '')
  const number = [errcode, rawCode].find(each => typeof each === 'number')
  const byName = BY_NAME.find(([pattern]) => pattern.test(name))?.[1]
  const trouble = byName ?? (typeof number === 'number' ? BY_NUMBER[number & 0xff] : undefined)
  // libsql says some things in words only.
  const byText = /file is not a database|malformed/.test(cause.message) ? 'damaged' : undefined
  const full = /database or disk is full/.test(cause.message) ? 'full' : undefined
  return { trouble: trouble ?? byText ?? full, reason: cause.message.slice(0, 200) }
}
