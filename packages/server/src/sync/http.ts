/** What all routes share: dependencies, the caller, answers to bad bodies. */
import type { IncomingMessage } from 'node:http'
import { DEFAULT_LIMITS } from '@spec-kitty/contracts/wire/batch'
import type { Context, MiddlewareHandler } from 'hono'
import type { Principal } from '../store/store.ts'
import { type AuthDeps, identify } from './auth.ts'
import type { BodyProblem, BodySource } from './body.ts'
import type { Company } from './company.ts'
import type { Hub } from './hub.ts'
import type { Judge } from './judging.ts'
import type { Metrics } from './metrics.ts'
import type { PasswordLogin } from './password-login.ts'
import type { Log } from './ports.ts'

export interface AppDeps extends AuthDeps {
  readonly hub: Hub
  readonly login: PasswordLogin
  readonly judge: Judge
  /** Undefined: names and passwords only. */
  readonly company?: Company | undefined
  readonly log: Log
  /** An error that is nobody's request's fault, into the log with its reason. */
  readonly fault: (error: unknown, where?: Readonly<Record<string, string>>) => void
  /** Why the server should get no requests now; undefined while all is well. */
  readonly unready: () => Promise<string | undefined>
  /** True while the disk is nearly full: reading goes on, writing is refused. */
  readonly isDiskLow: () => boolean
  readonly metrics?: Metrics | undefined
  /** Origin under which clients reach the server; the address it listens on when undefined. */
  readonly publicUrl?: string | undefined
  /** The proxy in front says in X-Forwarded-For who asks. */
  readonly trustProxy?: boolean
}

/** `env` is what the socket server hands in; empty when a test calls the app in memory. */
export interface AppEnv {
  readonly Bindings: { readonly incoming?: IncomingMessage }
  readonly Variables: { readonly principal: Principal; readonly requestId: string }
}

export type AppContext = Context<AppEnv>

/** The bearer token of a request; empty when there is none. */
export function bearerOf(header: string | undefined): string {
  return /^Bearer ([\x21-\x7e]{1,512})$/.exec(header ?? '')?.[1] ?? ''
}

/** Lets only callers with a valid access token through. */
export function requireLogin(deps: AppDeps): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const principal = await identify(deps, bearerOf(context.req.header('authorization')))
    if (principal === undefined) {
      context.header('www-authenticate', 'Bearer')
      return context.json({ error: 'unauthorized', message: 'The access token is missing or expired.' }, 401)
    }
    context.set('principal', principal)
    await next()
    return
  }
}

/** The configured origin, or the one that the client used when that is this machine: a Host header is anybody's word. */
export function originOf(deps: AppDeps, context: AppContext): string {
  if (deps.publicUrl !== undefined) return deps.publicUrl
  const { origin, hostname, port } = new URL(context.req.url)
  const here = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)
  return here ? origin : `http://127.0.0.1${port === '' ? '' : `:${port}`}`
}

/** Where the request comes from, for the brake on guessing passwords: the last hop that our own proxy saw. */
export function addressOf(deps: AppDeps, context: AppContext): string {
  const socket = socketOf(context)
  if (deps.trustProxy !== true) return socket
  const hops = (context.req.header('x-forwarded-for') ?? '').split(',').map(hop => hop.trim())
  return hops.at(-1)?.slice(0, 64) || socket
}

/** Where the body of a request is read from. */
export function bodyOf(context: AppContext): BodySource {
  // Undefined when called in memory.
  const env = context.env as AppEnv['Bindings'] | undefined
  return { raw: context.req.raw, incoming: env?.incoming }
}

/** The address at the other end of the connection. */
export function socketOf(context: AppContext): string {
  // Undefined when called in memory.
  const env = context.env as AppEnv['Bindings'] | undefined
  return env?.incoming?.socket.remoteAddress ?? 'unknown'
}

export function refuseBody(context: AppContext, problem: BodyProblem): Response {
  if (problem === 'too_large') {
    return context.json({ error: 'sync_batch_too_large', limits: DEFAULT_LIMITS }, 413)
  }
  if (problem === 'bad_encoding') return context.json({ error: 'unsupported_content_encoding' }, 415)
  return context.json({ error: problem === 'bad_json' ? 'invalid_json' : 'invalid_gzip' }, 400)
}
