/** What sync and login ask of the world beside `Ports`. Loaded by `ports.sync()` only: with sync off nothing of it exists. */

export interface SyncPorts {
  /** `~/.spec-kitty`: login, spool, settings of the machine. Shared with the Python edition. */
  readonly home: string
  readonly user: string
  readonly net: Net
  readonly store: PrivateFiles
  readonly secrets: Secrets
  readonly gzip: (text: string) => Promise<Uint8Array>
  /** Lower-case hexadecimal. */
  readonly sha256: (data: string | Uint8Array) => string
  /** SHA-256 as base64url without padding: the PKCE challenge. */
  readonly challenge: (verifier: string) => string
  /** A limit for everything that is waited for. `Infinity` never ends. */
  readonly budget: (ms: number) => Budget
}

export interface Budget {
  /** Milliseconds that are left, never negative. */
  readonly left: () => number
  /** Aborted when nothing is left. */
  readonly signal: AbortSignal
  /** Stops the timer; the signal stays quiet afterwards. */
  readonly end: () => void
}

export interface NetRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** For the whole exchange, in milliseconds. */
  readonly timeoutMs: number
  /** Ends the exchange early: the command is over. */
  readonly signal?: AbortSignal
}

/** `kind: 'failed'` is the absence of an answer; an answer of any status is an answer. */
export type NetAnswer =
  | {
      readonly kind: 'answer'
      readonly status: number
      /** Lower-case names. */
      readonly header: (name: string) => string | undefined
      readonly body: string
    }
  | { readonly kind: 'failed'; readonly reason: NetFailure; readonly detail: string }

export type NetFailure =
  /** Refused, reset, DNS, TLS, no route. */
  | 'unreachable'
  /** No complete answer within the time given. */
  | 'timeout'
  /** The signal said stop. */
  | 'aborted'
  /** Not HTTP, or more than the largest body we read. */
  | 'garbage'

export interface Net {
  /** Never throws, never follows a redirect: a bearer token stays at the host it was sent to. */
  readonly send: (request: NetRequest) => Promise<NetAnswer>
  /** Ends all connections, so that the process can end. */
  readonly close: () => void
  /** One loopback server for one browser redirect; answers the query of the first request to `/callback` with `state`. */
  readonly awaitCallback: (page: string, state: string, signal: AbortSignal) => Promise<Callback>
  /** Opens the user's browser, if there is one. */
  readonly browse: (url: string) => Promise<void>
  readonly socket: (url: string, bearer: string, on: SocketEvents) => Socket
}

export interface Callback {
  readonly redirectUri: string
  /** Rejects with the reason of the signal. */
  readonly query: Promise<ReadonlyMap<string, string>>
  readonly close: () => void
}

export interface Socket {
  readonly send: (text: string) => void
  readonly close: () => void
}

export interface SocketEvents {
  readonly message: (text: string) => void
  /** Once, however it ended; `opened` tells whether it ever was up. */
  readonly closed: (opened: boolean, detail: string) => void
}

/** Files only their owner can read (0600 in 0700 directories), all synced to disk before a call returns. */
export interface PrivateFiles {
  /** Whole lines in one write; a torn last line is closed first. */
  readonly append: (path: string, lines: readonly string[]) => void
  /** Atomic. `like`: a file or directory beside it whose readers may read it too (git's core.sharedRepository). */
  readonly replace: (path: string, content: string | Uint8Array, like?: string) => void
  readonly remove: (path: string) => void
  /** Atomic; both in one directory. */
  readonly rename: (from: string, to: string) => void
  /** Makes an empty file where there is none: lock files get their mode this way. */
  readonly touch: (path: string) => void
  /** Complete lines from a byte offset, at least one if there is one, otherwise at most about `maxBytes`. */
  readonly lines: (path: string, offset: number, maxBytes: number) => LineChunk
  /** The last complete line. */
  readonly lastLine: (path: string) => string | undefined
}

export interface LineChunk {
  /** Each with the offset of the byte behind its newline. */
  readonly lines: readonly { readonly text: string; readonly end: number }[]
}

/** The login of this machine, sealed as the Python edition seals it. */
export interface Secrets {
  /** Plain text of the session; undefined when nobody is logged in. Throws `session_unreadable`. */
  readonly read: () => string | undefined
  readonly write: (plain: string) => void
  readonly remove: () => void
}
