/**
 * The store on PostgreSQL, for any number of server processes. Events are committed in the order of their numbers, one
 * ingest at a time, so that a reader who follows the numbers never skips one that is committed late. What is new is told
 * by LISTEN/NOTIFY with the number alone; who was away asks for the last number when the connection is back.
 */
import postgres from 'postgres'
import { type Intake, ingestAll } from './ingest.ts'
import type { Op, Row, Statement } from './operation.ts'
import { OPERATIONS, READS } from './operations.ts'
import { migratePostgres } from './postgres-schema.ts'
import { isReuse, methods } from './sqlite.ts'
import type { News, OperationName, Store } from './store.ts'
import { StoreTrouble, type Trouble } from './trouble.ts'

const CHANNEL = 'spec_kitty'
const CONNECTIONS = 10
const CONNECT_SECONDS = 5
/** A notification can be lost without a word when the network fails: so often we ask. */
const LOOK_MS = 5000
/** Two operations that wait for each other: PostgreSQL ends one, which is simply done again. */
const TRIES = 5

/** Taken by an operation before it begins, until its transaction ends. `try`: others need not do it too. */
const LOCKS: Readonly<
  Partial<Record<OperationName, { readonly key: number; readonly how: 'wait' | 'try' }>>
> = {
  ingest: { key: 727_270, how: 'wait' },
  putDocument: { key: 727_273, how: 'wait' },
  purge: { key: 727_271, how: 'try' },
}

/** Opens the database and brings its schema up to date. Throws `io_failed` when it does not answer, `schema_too_new`. */
export async function openPostgresStore(url: string): Promise<Store> {
  const sql = postgres(url, {
    max: CONNECTIONS,
    connect_timeout: CONNECT_SECONDS,
    onnotice: () => {},
    connection: { application_name: 'spec-kitty serve', statement_timeout: 30_000 },
  })
  const listeners = new Set<(news: News) => void>()
  const tell = (news: News): void => {
    for (const hear of listeners) hear(news)
  }
  const alone = async (name: OperationName, args: readonly unknown[]): Promise<unknown> => {
    for (let tries = 1; ; tries++) {
      try {
        return (await perform(sql, name, [args]))[0]
      } catch (error) {
        if (tries >= TRIES || !isCollision(error)) throw fault(error)
      }
    }
  }
  const ingest = grouped(
    args => alone('ingest', args),
    calls => perform(sql, 'ingest', calls),
  )
  const ask = (name: OperationName, args: readonly unknown[]): Promise<unknown> =>
    name === 'ingest' ? ingest(args) : alone(name, args)
  try {
    await migratePostgres(sql)
  } catch (error) {
    await sql.end({ timeout: 1 })
    throw fault(error)
  }
  const store = methods(ask)
  const look = async (): Promise<void> => {
    const seq = await store.head()
    if (seq > 0) tell({ seq })
  }
  // While the database is away there is nothing to tell.
  const lookAgain = (): void => void look().catch(() => {})
  const listening = await sql.listen(
    CHANNEL,
    payload => tell(payload === '' ? { sessions: true } : { seq: Number(payload) }),
    () => {
      lookAgain()
      tell({ sessions: true })
    },
  )
  const timer = setInterval(() => {
    if (listeners.size > 0) lookAgain()
  }, LOOK_MS)
  timer.unref()
  return {
    ...store,
    subscribe: hear => {
      listeners.add(hear)
      return () => listeners.delete(hear)
    },
    close: async () => {
      clearInterval(timer)
      // It may be away; then there is nothing to end.
      await listening.unlisten().catch(() => {})
      await sql.end({ timeout: 2 })
    },
  }
}

type Asker = Pick<postgres.Sql, 'unsafe'>

type Arguments = readonly unknown[]

/** One operation, once or several times in one transaction: all or nothing. */
async function perform(
  sql: postgres.Sql,
  name: OperationName,
  calls: readonly Arguments[],
): Promise<readonly unknown[]> {
  const begin = (args: Arguments): Op<unknown> =>
    (OPERATIONS[name] as (...args: Arguments) => Op<unknown>)(...args)
  const driveAll = async (on: Asker): Promise<readonly unknown[]> => {
    if (name === 'ingest') return await drive(on, ingestAll(calls as unknown as readonly Intake[]))
    const values: unknown[] = []
    for (const args of calls) values.push(await drive(on, begin(args)))
    return values
  }
  if (READS.has(name)) return await driveAll(sql)
  return await sql.begin(async transaction => {
    const lock = LOCKS[name]
    if (lock !== undefined) {
      const call = lock.how === 'try' ? 'pg_try_advisory_xact_lock' : 'pg_advisory_xact_lock'
      const [row] = await transaction.unsafe(`SELECT ${call}(${lock.key}) AS got`)
      if (row?.got === false) return []
    }
    const values = await driveAll(transaction)
    // The last number is told for all.
    const news = values.map(value => newsOf(name, value)).findLast(each => each !== undefined)
    if (news !== undefined) await transaction.unsafe('SELECT pg_notify($1, $2)', [CHANNEL, news])
    return values
  })
}

/** Calls in one transaction; more wait for the next, so that it stays short for the other servers. */
const MOST_CALLS = 16

/**
 * What is asked while a transaction is under way shares the next one: one lock, one commit and one notification for all.
 * When that fails, each is done by itself, so that none suffers from another.
 */
function grouped(
  alone: (args: Arguments) => Promise<unknown>,
  together: (calls: readonly Arguments[]) => Promise<readonly unknown[]>,
): (args: Arguments) => Promise<unknown> {
  const waiting: { args: Arguments; done: (value: unknown) => void; failed: (error: unknown) => void }[] = []
  let busy = false
  const work = async (): Promise<void> => {
    busy = true
    while (waiting.length > 0) {
      const calls = waiting.splice(0, MOST_CALLS)
      try {
        const values = await together(calls.map(({ args }) => args))
        for (const [at, { done }] of calls.entries()) done(values[at])
      } catch (error) {
        const reason = fault(error)
        if (reason instanceof StoreTrouble) for (const { failed } of calls) failed(reason)
        else for (const { args, done, failed } of calls) await alone(args).then(done, failed)
      }
    }
    busy = false
  }
  return args =>
    new Promise((done, failed) => {
      waiting.push({ args, done, failed })
      if (!busy) void work()
    })
}

/** Runs an operation, waiting for each statement. */
async function drive<T>(sql: Asker, operation: Op<T>): Promise<T> {
  let step = operation.next()
  while (step.done !== true) step = operation.next(await rows(sql, step.value))
  return step.value
}

async function rows(sql: Asker, { text, values }: Statement): Promise<readonly Row[]> {
  return await sql.unsafe(dialect(text), [...values], { prepare: true })
}

const texts = new Map<string, string>()

/** The common SQL in the words of PostgreSQL. */
function dialect(text: string): string {
  const known = texts.get(text)
  if (known !== undefined) return known
  const made = text
    .replace(/ROWS\((\$\d+)\)/g, 'json_array_elements(CAST(CAST($1 AS TEXT) AS json))')
    .replace(/PART\((.+?), (.+?), (.+?)\)/g, (_, whole: string, from: string, bytes: string) => {
      const part = `CAST(${whole} AS bytea) FROM CAST(${from} AS INTEGER) FOR CAST(${bytes} AS INTEGER)`
      return `convert_from(substring(${part}), 'UTF8')`
    })
  texts.set(text, made)
  return made
}

const ENDING: ReadonlySet<string> = new Set<OperationName>([
  'endSession',
  'endSessions',
  'setDisabled',
  'setPassword',
  'removeUser',
])

/** The payload of the notification: a number of an event; empty: sessions have ended. */
function newsOf(name: OperationName, value: unknown): string | undefined {
  if (ENDING.has(name) || (name === 'rotate' && isReuse(value))) return ''
  if (name !== 'ingest') return undefined
  const { seq } = value as { readonly seq?: number }
  return seq === undefined || seq === 0 ? undefined : String(seq)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** Deadlock and serialization failure. */
function isCollision(error: unknown): boolean {
  return /^40(P01|001)$/.test(codeOf(error))
}

const TROUBLES: readonly (readonly [RegExp, Trouble])[] = [
  [/^(CONNECT|ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EPIPE|ENOENT|EHOST|ENET)|^(08|57P|53[23])/, 'away'],
  [/^53100$/, 'full'],
  [/^(XX00[12]|58)/, 'damaged'],
  [/^(28|3D|42501|25006)/, 'unusable'],
]

/** An error of the database as what it is; anything else as it is: a bug. */
function fault(error: unknown): unknown {
  const code = codeOf(error)
  const trouble = TROUBLES.find(([pattern]) => pattern.test(code))?.[1]
  if (trouble === undefined || !(error instanceof Error)) return error
  const words = trouble === 'away' ? 'does not answer' : 'cannot be used'
  return new StoreTrouble(trouble, `The PostgreSQL database ${words} (${error.message || code}).`, error)
}
