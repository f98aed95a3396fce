/** The far end of a line to a database in another thread, and its near end: messages with a number each. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Remedy } from '@spec-kitty/contracts/sh'
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

/** The program of the thread, beside the bundle; undefined when running from sources. */
export function threadProgram(): string | undefined {
  const path = join(import.meta.dirname, 'store-thread.cjs')
  return existsSync(path) ? path : undefined
}

/** Opens the database in a thread of its own. Throws as opening it here would. */
export async function openThread(program: string, path: string): Promise<Line> {
  const worker = new Worker(program, { workerData: { path } })
  const pending = new Map<number, { done: (value: unknown) => void; failed: (error: unknown) => void }>()
  let last = 0
  let foreign = (): void => {}
  const send = (name: Request['name'], args: readonly unknown[]): Promise<unknown> =>
    new Promise((done, failed) => {
      pending.set(++last, { done, failed })
      worker.postMessage({ id: last, name, args } satisfies Request)
    })
  const opened = new Promise<unknown>((done, failed) => pending.set(0, { done, failed }))
  worker.on('message', ({ id, value, fault }: Reply) => {
    if (id === FOREIGN_WRITE) foreign()
    const waiting = pending.get(id)
    pending.delete(id)
    if (fault === undefined) waiting?.done(value)
    else waiting?.failed(errorOf(fault))
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

/** What the thread does. Does nothing in the main one. */
export async function serveThread(): Promise<void> {
  const port = parentPort
  if (isMainThread || port === null) return
  const reply = (message: Reply): void => port.postMessage(message)
  try {
    const line = await openLine((workerData as { readonly path: string }).path)
    line.onForeignWrite(() => reply({ id: FOREIGN_WRITE }))
    port.on('message', ({ id, name, args }: Request) => {
      const work = name === 'close' ? line.close() : line.ask(name, args)
      work.then(
        value => reply({ id, value }),
        (error: unknown) => reply({ id, fault: faultOf(error) }),
      )
    })
    reply({ id: 0 })
  } catch (error) {
    reply({ id: 0, fault: faultOf(error) })
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
