/** The far end of a line to a database in another thread, and its near end: messages with a number each. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Remedy } from '@spec-kitty/contracts/sh'
import { READS } from './operations.ts'
import { type Line, openLine } from './sqlite.ts'
import type { OperationName } from './store.ts'
import { StoreTrouble, type Trouble } from './trouble.ts'

interface Request {
  readonly id: number
  readonly name: OperationName | 'close'
  readonly args: readonly unknown[]
}

/** `id` 0: opened; -1: another process has written. */
interface Reply {
  readonly id: number
  readonly value?: unknown
  readonly fault?: Fault
}

/** An error as it crosses threads: classes do not. */
interface Fault {
  readonly message: string
  readonly stack: string
  readonly trouble?: Trouble
  readonly code?: KittyError['code']
  readonly hint?: Remedy | undefined
}

const FOREIGN_WRITE = -1
/** Of objects that die young, in each thread: rows and messages. Left alone, V8 takes four times as much from the machine. */
const YOUNG_MB = 12

/** The program of the thread, beside the bundle; undefined when running from sources. */
export function threadProgram(): string | undefined {
  const path = join(import.meta.dirname, 'store-thread.cjs')
  return existsSync(path) ? path : undefined
}

/** Opens the database in a thread of its own. Throws as opening it here would. */
async function openThread(program: string, path: string): Promise<Line> {
  const worker = new Worker(program, {
    workerData: { path },
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  })
  const pending = new Map<number, { done: (value: unknown) => void; failed: (error: unknown) => void }>()
  let last = 0
  let foreign = (): void => {}
  const post = bundled<Request>(requests => worker.postMessage(requests))
  const send = (name: Request['name'], args: readonly unknown[]): Promise<unknown> =>
    new Promise((done, failed) => {
      pending.set(++last, { done, failed })
      post({ id: last, name, args })
    })
  const opened = new Promise<unknown>((done, failed) => pending.set(0, { done, failed }))
  worker.on('message', (replies: readonly Reply[]) => {
    for (const { id, value, fault } of replies) {
      if (id === FOREIGN_WRITE) foreign()
      const waiting = pending.get(id)
      pending.delete(id)
      if (fault === undefined) waiting?.done(value)
      else waiting?.failed(errorOf(fault))
    }
  })
  const lost = (cause: unknown): void => {
    const error = new StoreTrouble('unusable', `The thread of the database ${path} has ended.`, cause)
    for (const { failed } of pending.values()) failed(error)
    pending.clear()
  }
  worker.on('error', lost)
  worker.on('exit', lost)
  await opened
  return {
    ask: send,
    onForeignWrite: hear => {
      foreign = hear
    },
    close: async () => {
      await send('close', [])
      await worker.terminate()
    },
  }
}

/**
 * Two threads on one database: one writes and waits for the disk, the other reads meanwhile. What was acknowledged is
 * committed, so whoever reads after an answer sees it.
 */
export async function openThreads(program: string, path: string): Promise<Line> {
  const writer = await openThread(program, path)
  const reader = await openThread(program, path)
  return {
    ask: (name, args) => (READS.has(name) ? reader : writer).ask(name, args),
    onForeignWrite: writer.onForeignWrite,
    close: async () => {
      await reader.close()
      await writer.close()
    },
  }
}

/** What the thread does. Does nothing in the main one. */
export async function serveThread(): Promise<void> {
  const port = parentPort
  if (isMainThread || port === null) return
  const reply = bundled<Reply>(replies => port.postMessage(replies))
  try {
    const line = await openLine((workerData as { readonly path: string }).path)
    line.onForeignWrite(() => reply({ id: FOREIGN_WRITE }))
    const perform = async ({ id, name, args }: Request): Promise<void> => {
      try {
        reply({ id, value: await (name === 'close' ? line.close() : line.ask(name, args)) })
      } catch (error) {
        reply({ id, fault: faultOf(error) })
      }
    }
    port.on('message', (requests: readonly Request[]) => {
      for (const request of requests) void perform(request)
    })
    reply({ id: 0 })
  } catch (error) {
    reply({ id: 0, fault: faultOf(error) })
  }
}

/** Messages of one turn of the event loop in one: each costs as much as several operations. */
function bundled<T>(post: (messages: readonly T[]) => void): (message: T) => void {
  let waiting: T[] = []
  return message => {
    waiting.push(message)
    if (waiting.length > 1) return
    setImmediate(() => {
      const now = waiting
      waiting = []
      post(now)
    })
  }
}

function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { message: String(error), stack: '' }
  return {
    message: error.message,
    stack: error.stack ?? '',
    ...(error instanceof StoreTrouble ? { trouble: error.trouble } : {}),
    ...(error instanceof KittyError ? { code: error.code, hint: error.hint } : {}),
  }
}

function errorOf({ message, stack, trouble, code, hint }: Fault): Error {
  if (trouble !== undefined) return new StoreTrouble(trouble, message)
  if (code !== undefined) return new KittyError(code, message, { hint })
  const error = new Error(message)
  error.stack = stack
  return error
}
