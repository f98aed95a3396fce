/**
 * What the server keeps, behind one small interface. `sqlite.ts` is the embedded default; another
 * database passes the same suite (`testing/store-contract.ts`). Asynchronous so that a remote one fits.
 * Tokens and codes are kept as SHA-256 hashes only, passwords as scrypt hashes.
 */
import type { SnapshotWorkPackage } from '@spec-kitty/contracts/wire/batch'

export interface User {
  readonly id: string
  /** Login name, unique. */
  readonly name: string
  readonly email: string
  readonly passwordHash: string
}

export interface Membership {
  /** Team id and slug in one: `private-alice`, `platform`. */
  readonly team: string
  readonly title: string
  readonly role: 'owner' | 'member'
  readonly private: boolean
}

/** A secret that was handed out and is good for one purpose until it expires. */
export interface Grant {
  readonly kind: 'device' | 'user_code' | 'code' | 'access' | 'ws'
  readonly hash: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** The login session that it belongs to; null before there is one. Ends with the session. */
  readonly session: string | null
  readonly data: Readonly<Record<string, string | number>>
}

export interface Session {
  readonly id: string
  readonly user: string
  readonly refreshHash: string
  /** Counts rotations, from 1. */
  readonly generation: number
  readonly expiresAt: number
}

export type Rotation =
  | { readonly kind: 'rotated'; readonly session: Session }
  /** The token before the current one, shortly after the rotation: two processes refreshed at once. */
  | { readonly kind: 'replayed' }
  /** The token before the current one, long after: somebody else has it. The session is ended. */
  | { readonly kind: 'reused'; readonly session: string }
  | { readonly kind: 'unknown' }

export interface RotationRequest {
  readonly oldHash: string
  readonly newHash: string
  readonly now: number
  readonly expiresAt: number
  /** How long after a rotation the token before it is a benign replay, in milliseconds. */
  readonly graceMs: number
}

export interface NewEvent {
  /** Canonical form, the key of idempotence within a team. */
  readonly id: string
  readonly type: string
  readonly project: string
  /** As sent. */
  readonly timestamp: string
  readonly body: string
  /** What a transition says about its work package. */
  readonly workPackage?: SnapshotWorkPackage
}

export interface StoredEvent {
  readonly seq: number
  readonly receivedAt: string
  readonly body: string
}

export interface NewDocument {
  readonly project: string
  /** The further parts of its identity, joined. */
  readonly key: string
  readonly hash: string
  readonly content: string
}

export interface Share {
  readonly source: string
  readonly project: string
  readonly destination: string
}

export interface Store {
  /** Adds a user with memberships, making teams that are missing. False when the name is taken. */
  readonly addUser: (user: User, memberships: readonly Membership[]) => Promise<boolean>
  readonly userByName: (name: string) => Promise<User | undefined>
  readonly userById: (id: string) => Promise<User | undefined>
  /** Private team first. */
  readonly memberships: (user: string) => Promise<readonly Membership[]>

  /** Adds or replaces. */
  readonly putGrant: (grant: Grant) => Promise<void>
  /** Undefined when unknown or expired. */
  readonly grant: (kind: Grant['kind'], hash: string, now: number) => Promise<Grant | undefined>
  /** Removes it and returns it: of several callers at once one gets it. */
  readonly takeGrant: (kind: Grant['kind'], hash: string, now: number) => Promise<Grant | undefined>

  readonly addSession: (session: Session) => Promise<void>
  readonly session: (id: string, now: number) => Promise<Session | undefined>
  /** The session with this refresh token, or with this one before the last rotation. */
  readonly sessionByRefresh: (hash: string) => Promise<Session | undefined>
  readonly rotate: (request: RotationRequest) => Promise<Rotation>
  /** Removes the session and all its grants. */
  readonly endSession: (id: string) => Promise<void>

  /** All or none. For each event whether it is new; the first copy of an id wins. */
  readonly ingest: (
    team: string,
    events: readonly NewEvent[],
    receivedAt: string,
  ) => Promise<readonly boolean[]>
  /** In order of receipt, after `seq`; events shared with the team by others included. */
  readonly events: (team: string, afterSeq: number, limit: number) => Promise<readonly StoredEvent[]>
  /** The latest lane of each work package of the team and of projects shared with it. */
  readonly workPackages: (team: string) => Promise<readonly SnapshotWorkPackage[]>
  /** True when it is new or has changed. */
  readonly putDocument: (team: string, document: NewDocument, receivedAt: string) => Promise<boolean>

  readonly teamExists: (team: string) => Promise<boolean>
  readonly addShare: (share: Share) => Promise<void>
  /** False when there was none. */
  readonly removeShare: (share: Share) => Promise<boolean>
  readonly shares: (source: string, project?: string) => Promise<readonly Share[]>
  /** How many teams show this project to the destination. */
  readonly sharers: (project: string, destination: string) => Promise<number>
  /** Removes everything that the team holds of a project; how many events that were. */
  readonly forget: (team: string, project: string) => Promise<number>

  /** Removes what has expired. */
  readonly purge: (now: number) => Promise<void>
  readonly close: () => Promise<void>
}
