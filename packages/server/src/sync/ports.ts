/** What the server's rules ask of the world; `process.ts` has the real ones, tests bring their own. */

export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Cryptographically strong random bytes. */
export type Random = (length: number) => Uint8Array

/** One line of the server's log, as an object. Never given a token, a password, a body or a query string. */
export type Log = (line: Readonly<Record<string, string | number>>) => void
