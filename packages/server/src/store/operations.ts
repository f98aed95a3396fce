/** All operations by name, as drivers run them. */
import { auditing } from './auditing.ts'
import { documents } from './documents.ts'
import { events } from './events.ts'
import { ingesting } from './ingest.ts'
import { limiting } from './limiting.ts'
import { logins } from './logins.ts'
import type { Operations } from './operation.ts'
import { people } from './people.ts'
import { sharing } from './sharing.ts'
import { snapshot } from './snapshot.ts'
import type { OperationName } from './store.ts'
import { teams } from './teams.ts'

export const OPERATIONS: Operations = {
  ...people,
  ...teams,
  ...logins,
  ...ingesting,
  ...events,
  ...documents,
  ...snapshot,
  ...sharing,
  ...limiting,
  ...auditing,
}

/** Those that change nothing. */
export const READS: ReadonlySet<string> = new Set<OperationName>([
  'userByName',
  'userById',
  'userBySubject',
  'users',
  'teams',
  'principal',
  'grant',
  'sessionOf',
  'liveSessions',
  'sessions',
  'events',
  'head',
  'touched',
  'snapshot',
  'shares',
  'isCounted',
  'limits',
  'audit',
])
