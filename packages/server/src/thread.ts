/**
 * Work in other threads: the database, so that waiting for the disk keeps nobody waiting, and the judging of large
 * batches, so that it does not either. A line has a near end and a far end; messages have a number each.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  isMainThread,
  MessageChannel,
  type MessagePort,
  parentPort,
  Worker,
  workerData,
} from 'node:worker_threads'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Remedy } from '@spec-kitty/contracts/sh'
import { READS } from './store/operations.ts'
import { type Line, openLine } from './store/sqlite.ts'
import type { OperationName } from './store/store.ts'
import { StoreTrouble, type Trouble } from './store/trouble.ts'
import { createJudge, type Judge, type Judgement } from './sync/judging.ts'

/** What a thread is for: the work on a database, if any, and what it may keep of objects that die young. */
interface Purpose {
  readonly database?: string
  readonly youngMb: number
}

interface Request {
  readonly id: number
  readonly name: string
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
/** In megabytes. Left alone, V8 takes four times as much from the machine. */
const YOUNG = { writer: 3, helper: 16 }

/** The program of the thread, beside the bundle; undefined when running from sources. */
export function threadProgram(): string | undefined {
  const path = join(import.meta.dirname, 'server-thread.cjs')
  return existsSync(path) ? path : undefined
}

/** Opens a thread. Throws as opening its database here would. */
async function openThread(program: string, purpose: Purpose): Promise<Line> {
  const worker = new Worker(program, {
    workerData: purpose,
    resourceLimits: { maxYoungGenerationSizeMb: purpose.youngMb },
  })
  const pending = new Map<number, { done: (value: unknown) => void; failed: (error: unknown) => void }>()
  let last = 0
  let foreign = (): void => {}
  const post = bundled<Request>(requests => worker.postMessage(requests, handedOver(requests)))
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
    const of = purpose.database === undefined ? '' : ` of the database ${purpose.database}`
    const error = new StoreTrouble('unusable', `A thread${of} has ended.`, cause)
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

export interface Threads {
  /** To the database, where there is one. */
  readonly line: Line
  readonly judge: Judge
  readonly close: () => Promise<void>
}

/** Reads by key: done in place, before a message would be there. */
const AT_ONCE: ReadonlySet<string> = new Set<OperationName>([
  'userByName',
  'userById',
  'userBySubject',
  'principal',
  'grant',
  'sessionOf',
  'liveSessions',
  'head',
  'isCounted',
])
/** From this size on it is cheaper than a copy. */
const HANDED_OVER_BYTES = 8 * 1024
/** Bodies below this are judged in place, for the same reason. */
const LARGE_BYTES = 32 * 1024

/**
 * One thread writes to the database and waits for the disk, one helps: it reads pages and judges large batches. What was
 * acknowledged is committed, so whoever reads after an answer sees it.
 */
export async function openThreads(program: string, database: string): Promise<Threads> {
  const here = await openLine(database)
  const writer = await openThread(program, { database, youngMb: YOUNG.writer })
  const helper = await openThread(program, { database, youngMb: YOUNG.helper })
  const lineFor = (name: string): Line => (AT_ONCE.has(name) ? here : READS.has(name) ? helper : writer)
  const close = async (): Promise<void> => {
    for (const line of [here, helper, writer]) await line.close()
  }
  const line: Line = {
    ask: (name, args) => lineFor(name).ask(name, args),
    onForeignWrite: writer.onForeignWrite,
    close,
  }
  return { line, judge: judgeOn(helper), close }
}

/** The helper alone, for a database that is no file. */
export async function openHelper(program: string): Promise<Pick<Threads, 'judge' | 'close'>> {
  const helper = await openThread(program, { youngMb: YOUNG.helper })
  return { judge: judgeOn(helper), close: helper.close }
}

function judgeOn(helper: Line): Judge {
  const judgeHere = createJudge()
  return async (body, team, receivedAt) =>
    body.reduce((sum, part) => sum + part.length, 0) < LARGE_BYTES
      ? await judgeHere(body, team, receivedAt)
      : ((await helper.ask('judge', [body, team, receivedAt])) as Judgement)
}

/** What the thread does. Does nothing in the main one. */
export async function serveThread(): Promise<void> {
  const port = parentPort
  if (isMainThread || port === null) return
  const reply = bundled<Reply>(replies => port.postMessage(replies, handedOver(replies)))
  try {
    const line = await openFarEnd(workerData as Purpose)
    line.onForeignWrite(() => reply({ id: FOREIGN_WRITE }))
    const perform = async ({ id, name, args }: Request): Promise<void> => {
      try {
        reply({ id, value: await (name === 'close' ? line.close() : line.ask(name, args)) })
      } catch (error) {
        reply({ id, fault: faultOf(error) })
      }
      release(args)
    }
    port.on('message', (requests: readonly Request[]) => {
      for (const request of requests) void perform(request)
    })
    reply({ id: 0 })
  } catch (error) {
    reply({ id: 0, fault: faultOf(error) })
  }
}

async function openFarEnd({ database }: Purpose): Promise<Line> {
  const line = database === undefined ? NO_DATABASE : await openLine(database)
  const judge = createJudge()
  return {
    ...line,
    ask: async (name, args) => {
      if (name !== 'judge') return await line.ask(name, args)
      const [body, team, receivedAt] = args
      return await judge(body as readonly Uint8Array[], team as string, receivedAt as string)
    },
  }
}

const NO_DATABASE: Line = {
  ask: async () => undefined,
  onForeignWrite: () => {},
  close: async () => {},
}

const nowhere = closedPort()

function closedPort(): MessagePort {
  const { port1, port2 } = new MessageChannel()
  port2.close()
  return port1
}

/**
 * Frees the large buffers of a message at once, by sending them nowhere: V8 hardly counts what lies outside its heap, and
 * in a thread that makes few objects they would pile up to some 50 MB.
 */
function release(args: readonly unknown[]): void {
  const large = handedOver(args)
  if (large.length > 0) nowhere.postMessage(null, large)
}

/** Large buffers in messages: handed over, not copied; their sender needs them no more. */
export function handedOver(messages: readonly unknown[]): readonly ArrayBuffer[] {
  return messages.flatMap(message => buffersIn(message, 0))
}

/** Of the message, its arguments, a batch, its bytes. */
function buffersIn(value: unknown, depth: number): readonly ArrayBuffer[] {
  if (typeof value !== 'object' || value === null || depth > 3) return []
  if (value instanceof Uint8Array) {
    const { buffer, byteLength } = value
    const whole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    return whole && byteLength >= HANDED_OVER_BYTES ? [buffer] : []
  }
  // Long lists of texts need not be looked through.
  if (Array.isArray(value) && value.length > 99 && typeof value[0] !== 'object') return []
  return Object.values(value).flatMap(inner => buffersIn(inner, depth + 1))
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
