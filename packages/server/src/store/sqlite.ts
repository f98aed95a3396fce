/**
 * The embedded store. The server's runs in a thread of its own, so that waiting for the disk never keeps a request
 * waiting that does not need it; a command's works in place.
 */
import { createGroup } from './group.ts'
import { OPERATIONS } from './operations.ts'
import { openDatabase } from './sqlite-database.ts'
import type { News, OperationName, Store } from './store.ts'
import { StoreTrouble } from './trouble.ts'

/** How operations reach the database. */
export interface Line {
  readonly ask: (name: string, args: readonly unknown[]) => Promise<unknown>
  /** Tells when another process has written to the file. */
  readonly onForeignWrite: (hear: () => void) => void
  readonly close: () => Promise<void>
}

/** Opens or makes the database file (mode 0600) and brings its schema up to date. */
export async function openSqliteStore(path: string): Promise<Store> {
  return storeOn(await openLine(path), path)
}

/** A line to a database in this thread. */
export async function openLine(path: string): Promise<Line> {
  const db = await openDatabase(path)
  const group = createGroup(db, act => setImmediate(act))
  const version = (): unknown => db.all('PRAGMA data_version', [])[0]?.data_version
  let seen = version()
  let timer: NodeJS.Timeout | undefined
  return {
    ask: (name, args) =>
      new Promise((done, failed) => {
        group.ask({ name: name as OperationName, args, done, failed })
      }),
    onForeignWrite: hear => {
      timer = setInterval(() => {
        const now = version()
        if (now !== seen) hear()
        seen = now
      }, LOOK_MS)
      timer.unref()
    },
    close: async () => {
      clearInterval(timer)
      group.end()
      db.close()
    },
  }
}

/** How often the file is looked at for what a command beside the server has written. */
const LOOK_MS = 1000

/** Operations that may end sessions. */
const ENDING: ReadonlySet<string> = new Set<OperationName>([
  'endSession',
  'endSessions',
  'setDisabled',
  'setPassword',
  'removeUser',
])

/** The store's methods on a line. */
export function storeOn(line: Line, path: string): Store {
  const listeners = new Set<(news: News) => void>()
  const tell = (news: News): void => {
    for (const hear of listeners) hear(news)
  }
  line.onForeignWrite(() => tell({ sessions: true }))
  let closed = false
  const ask = async (name: OperationName, args: readonly unknown[]): Promise<unknown> => {
    if (closed) throw new StoreTrouble('unusable', `The database ${path} is closed.`)
    const value = await line.ask(name, args)
    if (name === 'ingest') {
      const { seq } = value as { readonly seq?: number }
      if (seq !== undefined && seq > 0) tell({ seq })
    } else if (ENDING.has(name) || (name === 'rotate' && isReuse(value))) tell({ sessions: true })
    return value
  }
  return {
    ...methods(ask),
    subscribe: hear => {
      listeners.add(hear)
      return () => listeners.delete(hear)
    },
    close: async () => {
      if (closed) return
      closed = true
      await line.close()
    },
  }
}

export function isReuse(value: unknown): boolean {
  return (value as { readonly kind?: unknown } | undefined)?.kind === 'reused'
}

/** One method for each operation. */
export function methods(
  ask: (name: OperationName, args: readonly unknown[]) => Promise<unknown>,
): Omit<Store, 'subscribe' | 'close'> {
  const names = Object.keys(OPERATIONS) as OperationName[]
  const entries = names.map(name => [name, (...args: readonly unknown[]) => ask(name, args)] as const)
  // Each operation has the parameters and the result of its method, see `Operations`.
  return Object.fromEntries(entries) as unknown as Omit<Store, 'subscribe' | 'close'>
}
