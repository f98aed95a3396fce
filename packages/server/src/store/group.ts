/**
 * Group commit: what is asked while the disk is busy shares the next transaction, so that many small writes wait for one
 * sync and not for one each. Every operation is a savepoint in it: one that fails takes nothing of the others with it.
 */
import type { Batch } from './batch.ts'
import { type Intake, ingestAll } from './ingest.ts'
import type { Op } from './operation.ts'
import { OPERATIONS, READS } from './operations.ts'
import type { Sqlite } from './sqlite-database.ts'
import type { OperationName } from './store.ts'

export interface Call {
  readonly name: OperationName
  readonly args: readonly unknown[]
  readonly done: (value: unknown) => void
  readonly failed: (error: unknown) => void
}

export interface Group {
  readonly ask: (call: Call) => void
  /** Everything that was asked is done, and nothing more is taken. */
  readonly end: () => void
}

/** Rows of events in one transaction; more wait for the next, so that readers get their turn. */
const MOST_ROWS = 1000

/** `later` calls back when the event loop comes round. */
export function createGroup(db: Sqlite, later: (act: () => void) => void): Group {
  let waiting: Call[] = []
  let planned = false
  const plan = (): void => {
    if (planned || waiting.length === 0) return
    planned = true
    later(() => {
      planned = false
      step()
      plan()
    })
  }
  const step = (): void => {
    const calls = waiting
    waiting = []
    // Readers first: whoever waits for a write has not been answered, so nobody can miss it.
    for (const call of calls) if (READS.has(call.name)) answer(call, () => perform(db, call))
    const writes = calls.filter(call => !READS.has(call.name))
    const now = writes.slice(0, howMany(writes))
    waiting = [...writes.slice(now.length), ...waiting]
    if (now.length > 0) commit(db, now)
  }
  return {
    ask: call => {
      waiting.push(call)
      plan()
    },
    end: () => {
      while (waiting.length > 0) step()
    },
  }
}

/** As many as fit, at least one. */
function howMany(writes: readonly Call[]): number {
  let rows = 0
  for (const [index, call] of writes.entries()) {
    rows += weight(call)
    if (rows > MOST_ROWS) return Math.max(1, index)
  }
  return writes.length
}

function weight({ name, args }: Call): number {
  return name === 'ingest' ? (args[1] as Batch).count : 1
}

function answer(call: Call, act: () => unknown): void {
  try {
    call.done(act())
  } catch (error) {
    call.failed(error)
  }
}

function commit(db: Sqlite, calls: readonly Call[]): void {
  const answers: (() => void)[] = []
  try {
    db.exec('BEGIN IMMEDIATE')
    const intakes = calls.filter(({ name }) => name === 'ingest')
    answers.push(...together(db, intakes))
    for (const call of calls) if (call.name !== 'ingest') answers.push(inSavepoint(db, call))
    db.exec('COMMIT')
  } catch (error) {
    // Full disk, lost file: SQLite may have ended the transaction by itself.
    try {
      db.exec('ROLLBACK')
    } catch {
      // It has.
    }
    for (const call of calls) call.failed(error)
    return
  }
  if (calls.some(({ name }) => ERASING.has(name))) emptyJournal(db)
  for (const tell of answers) tell()
}

/** Operations after which nobody is to find what they removed. */
const ERASING: ReadonlySet<string> = new Set<OperationName>(['forget', 'removeTeam', 'removeUser'])

/** What was removed is overwritten in the file. The journal has it still, and might for days. */
function emptyJournal(db: Sqlite): void {
  try {
    // Who reads a backup meanwhile keeps it for that long.
    db.exec('PRAGMA busy_timeout = 250; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = 5000')
  } catch {
    // A full disk: it stays until there is room. What was asked for is done.
  }
}

/** As one; when that fails, each by itself, so that none suffers from another. */
function together(db: Sqlite, intakes: readonly Call[]): readonly (() => void)[] {
  if (intakes.length < 2) return intakes.map(call => inSavepoint(db, call))
  try {
    const answers = savepoint(db, () =>
      drive(db, ingestAll(intakes.map(({ args }) => args as unknown as Intake))),
    )
    return intakes.map((call, at) => () => call.done(answers[at]))
  } catch {
    return intakes.map(call => inSavepoint(db, call))
  }
}

function inSavepoint(db: Sqlite, call: Call): () => void {
  try {
    const value = savepoint(db, () => perform(db, call))
    return () => call.done(value)
  } catch (error) {
    return () => call.failed(error)
  }
}

/** All or nothing of what is done in it. */
function savepoint<T>(db: Sqlite, act: () => T): T {
  db.exec('SAVEPOINT one')
  try {
    const value = act()
    db.exec('RELEASE one')
    return value
  } catch (error) {
    db.exec('ROLLBACK TO one; RELEASE one')
    throw error
  }
}

function perform(db: Sqlite, { name, args }: Call): unknown {
  return drive(db, (OPERATIONS[name] as (...args: readonly unknown[]) => Op<unknown>)(...args))
}

/** Runs an operation without a pause. */
function drive<T>(db: Sqlite, operation: Op<T>): T {
  let step = operation.next()
  while (step.done !== true) step = operation.next(db.all(step.value.text, step.value.values))
  return step.value
}
