/**
 * What the server keeps, behind one small interface. SQLite is the embedded default, PostgreSQL for several server
 * processes; both pass one suite (`testing/store-contract.ts`). Asynchronous so that a remote one fits.
 * Tokens and codes are kept as SHA-256 hashes only, passwords as scrypt hashes.
 */
import type { SnapshotWorkPackage } from '@spec-kitty/contracts/wire/batch'
import type { Batch } from './batch.ts'

export interface User {
  readonly id: string
  /** Login name, unique. */
  readonly name: string
  readonly email: string
  /** Empty: no password fits (sign-in by the company's identity provider only). */
  readonly passwordHash: string
  /** When it was disabled; null while it may log in. */
  readonly disabledAt: string | null
}

export type Role = 'owner' | 'member'

export interface Membership {
  /** Team id and slug in one: `private-alice`, `platform`. */
  readonly team: string
  readonly title: string
  readonly role: Role
  readonly private: boolean
}

export interface ListedUser extends User {
  readonly teams: readonly Membership[]
  readonly sessions: number
  readonly events: number
  readonly bytes: number
}

export interface ListedTeam {
  readonly team: string
  readonly title: string
  readonly private: boolean
  readonly members: readonly { readonly name: string; readonly role: Role }[]
  readonly events: number
  readonly bytes: number
}

/** Who sent a request. */
export interface Principal {
  readonly user: User
  readonly session: string
  /** Private team first. */
  readonly teams: readonly Membership[]
}

/** A secret that was handed out and is good for one purpose until it expires. */
export interface Grant {
  readonly kind: 'device' | 'user_code' | 'code' | 'access' | 'ws' | 'sso'
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
  /** Counts rotations, from 1. */
  readonly generation: number
  /** Milliseconds since the epoch, as the following. */
  readonly createdAt: number
  readonly expiresAt: number
  /** However often it is refreshed, it ends here. */
  readonly endsAt: number
}

export interface ListedSession extends Session {
  readonly name: string
  readonly lastUsedAt: number
  readonly address: string
}

export type Rotation =
  | { readonly kind: 'rotated'; readonly session: Session }
  /** A token that was used before, and so was its successor: two hold it. The session is ended. */
  | { readonly kind: 'reused'; readonly session: string }
  | { readonly kind: 'unknown' }

export interface RotationRequest {
  readonly oldHash: string
  readonly newHash: string
  readonly now: number
  /** How long the session is good from now on, in milliseconds; never beyond its end. */
  readonly lifetimeMs: number
}

/** Who sent it: attribution that does not rest on what the event itself says. */
export interface Sender {
  readonly user: string
  readonly session: string
}

export interface StoredEvent {
  readonly seq: number
  readonly id: string
  readonly receivedAt: string
  /** Login name of the sender; null when it is not known. */
  readonly sender: string | null
  readonly body: string
}

export type Ingestion =
  /** For each event whether it is new; `seq`: of the last new one, 0 when there is none. */
  { readonly kind: 'taken'; readonly fresh: readonly boolean[]; readonly seq: number } | OverQuota

/** `owner` (`team:<id>`, `user:<id>`) would keep more than its limit. */
export interface OverQuota {
  readonly kind: 'over_quota'
  readonly owner: string
  readonly what: 'events' | 'bytes'
  readonly limit: number
}

/** Where a page of a snapshot ends. */
export interface SnapshotCursor {
  readonly project: string
  readonly mission: string
  readonly wp: string
}

export interface SnapshotPage {
  readonly workPackages: readonly SnapshotWorkPackage[]
  /** Undefined after the last page. */
  readonly next: SnapshotCursor | undefined
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

/** At most `limit` times within `windowMs`. */
export interface Allowance {
  readonly key: string
  readonly limit: number
  readonly windowMs: number
}

/** What an owner may keep; null: no limit. `owner`: `team:<id>`, `user:<id>`, or `team:*` and `user:*` for all others. */
export interface Limits {
  readonly owner: string
  readonly maxEvents: number | null
  readonly maxBytes: number | null
  /** Teams only: older events are removed by `prune`. */
  readonly keepDays: number | null
}

export interface AuditEntry {
  /** ISO time. */
  readonly at: string
  /** Login name, or `console` for a command at the server. */
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly address: string
}

export interface Page {
  readonly rows: number
  /** The first row is given even when it alone is larger. */
  readonly bytes: number
}

export interface Store {
  /** Adds a user with memberships, making teams that are missing. False when the name or the private team is taken. */
  readonly addUser: (user: User, memberships: readonly Membership[]) => Promise<boolean>
  readonly userByName: (name: string) => Promise<User | undefined>
  readonly userById: (id: string) => Promise<User | undefined>
  /** The user that an identity provider knows by this subject. */
  readonly userBySubject: (subject: string) => Promise<User | undefined>
  /** Ties a user to a subject of an identity provider. False when another user has it. */
  readonly setSubject: (user: string, subject: string) => Promise<boolean>
  readonly users: () => Promise<readonly ListedUser[]>
  /** Null enables. Disabling ends all sessions. */
  readonly setDisabled: (user: string, at: string | null) => Promise<void>
  /** Ends all sessions too. */
  readonly setPassword: (user: string, hash: string) => Promise<void>
  /** With sessions and memberships; the private team is left to `removeTeam`. */
  readonly removeUser: (user: string) => Promise<void>

  readonly teams: () => Promise<readonly ListedTeam[]>
  /** False when there is one already. */
  readonly addTeam: (team: string, title: string) => Promise<boolean>
  /** Removes up to `most` events of the team, and with the last one the team. True when it is gone. */
  readonly removeTeam: (team: string, most: number) => Promise<boolean>
  /** Null takes the user out of the team. */
  readonly setMember: (team: string, user: string, role: Role | null) => Promise<void>

  /** Who holds this access token; undefined when it is unknown, expired, or its session or user has ended. */
  readonly principal: (accessHash: string, now: number) => Promise<Principal | undefined>
  /** Adds or replaces, all or none. */
  readonly putGrants: (grants: readonly Grant[]) => Promise<void>
  /** Undefined when unknown or expired. */
  readonly grant: (kind: Grant['kind'], hash: string, now: number) => Promise<Grant | undefined>
  /** Removes it and returns it: of several callers at once one gets it. */
  readonly takeGrant: (kind: Grant['kind'], hash: string, now: number) => Promise<Grant | undefined>

  readonly addSession: (session: Session, refreshHash: string, address: string) => Promise<void>
  /** Every token of a living session stays known, so that one that comes back is noticed however old it is. */
  readonly rotate: (request: RotationRequest) => Promise<Rotation>
  /** The session of a refresh or access token. */
  readonly sessionOf: (hash: string) => Promise<string | undefined>
  /** Those of `ids` that have not ended. */
  readonly liveSessions: (ids: readonly string[], now: number) => Promise<readonly string[]>
  readonly sessions: (user: string | null, now: number) => Promise<readonly ListedSession[]>
  /** Removes the session and all its grants. False when there was none. */
  readonly endSession: (id: string) => Promise<boolean>
  /** Of one user; how many. */
  readonly endSessions: (user: string) => Promise<number>

  /** All or none; the first copy of an id wins. */
  readonly ingest: (
    team: string,
    batch: Batch,
    receivedAt: string,
    sender: Sender | null,
  ) => Promise<Ingestion>
  /** In order of receipt, after `seq`; what others share with the team included, each event once. */
  readonly events: (team: string, afterSeq: number, page: Page) => Promise<readonly StoredEvent[]>
  /** The number of the last event of all teams. */
  readonly head: () => Promise<number>
  /** Teams that have something new to see after `seq`, and up to where that is known. */
  readonly touched: (
    afterSeq: number,
  ) => Promise<{ readonly head: number; readonly teams: readonly string[] }>
  /** The latest lane of each work package of the team and of projects shared with it, each once, by pages. */
  readonly snapshot: (team: string, after: SnapshotCursor | null, rows: number) => Promise<SnapshotPage>
  /** `known`: with this very content. Its bytes count as those of events do. */
  readonly putDocument: (
    team: string,
    document: NewDocument,
    receivedAt: string,
    sender: Sender | null,
  ) => Promise<{ readonly kind: 'stored' | 'known' } | OverQuota>

  readonly addShare: (share: Share) => Promise<void>
  /** False when there was none. */
  readonly removeShare: (share: Share) => Promise<boolean>
  /** With the number of teams that show the project to the destination. */
  readonly shares: (
    source: string,
    project?: string,
  ) => Promise<readonly (Share & { readonly sharers: number })[]>
  /** Removes everything that the team holds of a project; how many events that were. */
  readonly forget: (team: string, project: string) => Promise<number>

  /** Counts one use of each; false, and nothing is counted, when one is used up. */
  readonly reserve: (allowances: readonly Allowance[], now: number) => Promise<boolean>
  /** Forgets what was counted, or takes back one use. */
  readonly release: (forget: readonly string[], takeBack: readonly string[]) => Promise<void>
  /** Whether it was counted and has not run out. */
  readonly isCounted: (key: string, now: number) => Promise<boolean>

  readonly limits: () => Promise<readonly Limits[]>
  /** All three null: back to the rule for all. */
  readonly setLimits: (limits: Limits) => Promise<void>
  /** Removes up to `most` events that are older than their team keeps them; how many. */
  readonly prune: (nowMs: number, most: number) => Promise<number>

  readonly note: (entry: AuditEntry) => Promise<void>
  /** The newest first. */
  readonly audit: (filter: {
    readonly actor?: string | undefined
    readonly action?: string | undefined
    readonly most: number
  }) => Promise<readonly AuditEntry[]>

  /** Removes what has expired. */
  readonly purge: (now: number) => Promise<void>
  /** Calls `hear` after new events (`seq`), and when sessions may have ended. Returns the way to stop. */
  readonly subscribe: (hear: (news: News) => void) => () => void
  readonly close: () => Promise<void>
}

export type News = { readonly seq: number } | { readonly sessions: true }

/** What a driver does by itself; everything else is an operation. */
export type DriverPart = 'subscribe' | 'close'

export type OperationName = Exclude<keyof Store, DriverPart>
