/** What is wrong with the stored login, without asking anybody: `auth doctor`, `sync status` and `doctor` show it. */
import type { Finding as Row } from '@spec-kitty/contracts/cli/auth-status'
import { KittyError } from '@spec-kitty/contracts/errors'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import type { SyncConfig } from '../link/config.ts'
import { detailOf } from '../link/diagnostics.ts'
import { type Finding, finding } from '../repo/finding.ts'
import { type AuthDoor, issuerOf, readSession, type Session, secondsLeft } from './session.ts'

/** The numbers of the Python edition, where it has the finding; ours go on from there. */
const IDS = {
  not_logged_in: 'F-001',
  refresh_lock_held: 'F-003',
  session_unreadable: 'F-008',
  server_unusable: 'F-009',
  login_foreign: 'F-010',
  login_expired: 'F-011',
  no_private_team: 'F-012',
  server_trouble: 'F-013',
  sync_off: 'S-001',
  server_missing: 'S-002',
  events_refused: 'S-003',
  events_given_up: 'S-004',
} as const

/** A finding about the login or about sync. */
export interface LinkFinding extends Finding {
  readonly code: keyof typeof IDS
}

export function linkFinding(
  severity: Finding['severity'],
  code: LinkFinding['code'],
  message: string,
  fix: Remedy,
): LinkFinding {
  return { ...finding({ code, severity, path: null, message }, fix), code }
}

/** In the document of the Python edition. */
export function linkRow({ code, severity, message, fix }: LinkFinding): Row {
  const weight = severity === 'error' ? 'critical' : severity
  return { id: IDS[code], severity: weight, summary: message, remediation: fix ?? '' }
}

export interface Login {
  /** Undefined when nobody is logged in, or the login cannot be read. */
  readonly session: Session | undefined
  readonly findings: readonly LinkFinding[]
}

/** The stored login, and what is wrong with it for the server of `config`. */
export function lookAtLogin(door: AuthDoor, config: Pick<SyncConfig, 'server'>): Login {
  try {
    const session = readSession(door)
    if (session !== undefined) return { session, findings: judgeSession(door, session, config.server) }
    const none = linkFinding('warning', 'not_logged_in', 'Nobody is logged in', sh`spec-kitty auth login`)
    return { session, findings: [none] }
  } catch (cause) {
    const fix = (cause instanceof KittyError ? cause.hint : undefined) ?? sh`spec-kitty auth login --force`
    const broken = linkFinding('error', 'session_unreadable', detailOf(cause), fix)
    return { session: undefined, findings: [broken] }
  }
}

/** Of the configured address. */
export function serverFindings({ problem }: Pick<SyncConfig, 'problem'>): readonly LinkFinding[] {
  return problem === null
    ? []
    : [linkFinding('error', 'server_unusable', problem, sh`spec-kitty sync server URL`)]
}

function judgeSession(door: AuthDoor, session: Session, server: string | null): readonly LinkFinding[] {
  const again = sh`spec-kitty auth login --force`
  const found: LinkFinding[] = []
  const issuer = issuerOf(door, session)
  if (issuer !== undefined && server !== null && issuer !== server) {
    const message = `The login is for ${issuer}, but the sync server is ${server}: nothing is sent`
    found.push(linkFinding('error', 'login_foreign', message, again))
  }
  const left = secondsLeft(session.refreshExpires, door.ports.clock.now())
  if (left !== undefined && left <= 0)
    found.push(linkFinding('error', 'login_expired', 'The login has expired', again))
  if (!session.teams.some(team => team.private)) {
    const message = 'The login has no private team: events cannot be sent'
    found.push(linkFinding('warning', 'no_private_team', message, sh`Ask the administrator of the server`))
  }
  return found
}
