/**
 * Who may ask for what. Pure: a request's head and what the server knows, to a refusal or nothing. Every page of the
 * internet can make a browser send requests to this machine, so a request has to show that it comes from our own page.
 */
import { timingSafeEqual } from 'node:crypto'

export interface Keys {
  /** In the control file: opens the door once per browser, and to programs. */
  readonly token: string
  /** In the cookie. */
  readonly cookie: string
  /** In the header of what acts: a page of another origin can neither read nor send it. */
  readonly request: string
}

export interface Door {
  readonly port: number
  /** Addresses besides those of this machine that a browser may name; undefined for loopback alone. */
  readonly host: string | undefined
  readonly readOnly: boolean
  readonly keys: Keys
}

export interface Head {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

export interface Refused {
  readonly status: 403 | 405 | 415
  readonly error: string
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']
const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::', '[::]'])

/** Undefined: the request may go on. */
export function refusal(door: Door, head: Head): Refused | undefined {
  return foreign(door, head) ?? (door.host === undefined ? undefined : needsKey(door, head))
}

/** What holds before anybody shows a key. */
export function foreign(door: Door, head: Head): Refused | undefined {
  const { method } = head
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
    return { status: 405, error: `${method} is not answered here` }
  return foreignHost(door, head) ?? foreignPage(head)
}

/** Beyond that, for what acts. */
export function actRefusal(door: Door, head: Head): Refused | undefined {
  if (door.readOnly) return forbidden('This dashboard was started with --read-only')
  const type = header(head, 'content-type') ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type))
    return { status: 415, error: 'What acts is sent as application/json' }
  if (!hasCookie(door, head))
    return forbidden('This browser was not let in: open the address that `spec-kitty dashboard` prints')
  if (same(header(head, 'x-spec-kitty-token'), door.keys.request)) return undefined
  return forbidden('The header X-Spec-Kitty-Token is missing or from another start of the dashboard')
}

/** Let in by the printed address. */
export function hasCookie({ port, keys }: Door, head: Head): boolean {
  const wanted = cookieName(port)
  const pairs = (header(head, 'cookie') ?? '').split(';').map(pair => pair.trim().split('='))
  return pairs.some(([name, value]) => name === wanted && same(value, keys.cookie))
}

/** A browser has one cookie jar for all ports of a machine. */
export function cookieName(port: number): string {
  return `spec_kitty_${port}`
}

/** In constant time. */
export function same(given: string | undefined, secret: string): boolean {
  if (given === undefined) return false
  const [a, b] = [Buffer.from(given), Buffer.from(secret)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** A name that somebody else's DNS answers with our address. */
function foreignHost({ port, host }: Door, head: Head): Refused | undefined {
  // Whoever listens everywhere has no list of names; a cookie is bound to the name it was set for.
  if (host !== undefined && EVERYWHERE.has(host)) return undefined
  const names = host === undefined ? LOOPBACK : [...LOOPBACK, host.includes(':') ? `[${host}]` : host]
  const given = header(head, 'host')?.toLowerCase()
  const known = names.some(name => given === `${name.toLowerCase()}:${port}`)
  return known ? undefined : forbidden('This name is not the dashboard’s')
}

/** Sent by a page of another origin, as browsers tell it in one way or the other. */
function foreignPage(head: Head): Refused | undefined {
  const origin = header(head, 'origin')
  if (origin !== undefined && origin.toLowerCase() !== `http://${header(head, 'host')?.toLowerCase()}`)
    return forbidden('Pages of another origin get nothing from here')
  const site = header(head, 'sec-fetch-site')
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined
  // A link that somebody follows: the page holds no data, what it asks for comes from its own origin.
  const followed =
    header(head, 'sec-fetch-mode') === 'navigate' && header(head, 'sec-fetch-dest') === 'document'
  if (followed && head.method === 'GET' && !head.path.startsWith('/api/')) return undefined
  return forbidden('Pages of another origin get nothing from here')
}

function needsKey(door: Door, head: Head): Refused | undefined {
  const bearer = /^Bearer (\S+)$/.exec(header(head, 'authorization') ?? '')?.[1]
  if (hasCookie(door, head) || same(bearer, door.keys.token)) return undefined
  return forbidden('Open the address that `spec-kitty dashboard` prints: it lets this browser in')
}

function forbidden(error: string): Refused {
  return { status: 403, error }
}

function header({ headers }: Head, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.[0]
}
