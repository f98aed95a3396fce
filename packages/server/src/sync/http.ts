/** What all routes share: dependencies, the caller, answers to bad bodies. */
import { DEFAULT_LIMITS } from '@spec-kitty/contracts/wire/batch'
import type { Context, MiddlewareHandler } from 'hono'
import { type AuthDeps, identify, type Principal } from './auth.ts'
import type { BodyProblem } from './body.ts'
import type { Hub } from './hub.ts'
import type { PasswordLogin } from './password-login.ts'
import type { Log } from './ports.ts'

export interface AppDeps extends AuthDeps {
  readonly hub: Hub
  readonly login: PasswordLogin
  readonly log: Log
  /** Origin under which clients reach the server; taken from each request when undefined. */
  readonly publicUrl?: string | undefined
}

/** `env` is what the socket server hands in; empty when a test calls the app in memory. */
export interface AppEnv {
  readonly Bindings: { readonly incoming?: { readonly socket: { readonly remoteAddress?: string } } }
  readonly Variables: { readonly principal: Principal }
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

/** The origin that the client used, or the configured one. */
export function originOf(deps: AppDeps, context: AppContext): string {
  return deps.publicUrl ?? new URL(context.req.url).origin
}

/** Where the request comes from, for the brake on guessing passwords. */
export function addressOf(context: AppContext): string {
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
