/** What waits, for whom, and what is in the way: `sync status`, `diagnose`, `doctor`. Reads only. */
import type { Finding } from '@spec-kitty/contracts/cli/auth-status'
import type { SyncDiagnose, SyncDoctor } from '@spec-kitty/contracts/cli/sync-status'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { judgeEvent } from '@spec-kitty/contracts/wire/event'
import { authDoctor, type ReportDoor } from '../auth/report.ts'
import { issuerOf, readSession } from '../auth/session.ts'
import { readSyncConfig } from '../link/config.ts'
import { detailOf } from '../link/diagnostics.ts'
import { syncPaths } from '../link/paths.ts'
import { countWaiting, parseRow, readCursor, type SpoolRow } from '../link/spool.ts'
import { isSyncOn } from '../link/switch.ts'
import { idOf } from './upload.ts'

/** The state of sync on this machine. */
export function syncStatus(door: ReportDoor): SyncDoctor['status'] {
  const { ports, sync } = door
  const config = readSyncConfig(ports, sync.home)
  const paths = syncPaths(sync.home)
  const counts = { events: 0, documents: 0, refused: 0 }
  eachWaiting(door, row => {
    if (row.event === undefined) counts.documents++
    else counts.events++
    if (row.tries > 0) counts.refused++
  })
  const login = lookAtLogin(door, config.server)
  const enabled = isSyncOn(ports.env)
  const deadLetters = countLines(door, paths.deadLetter)
  const problems = [
    ...(enabled ? [] : ['Sync is switched off (SPEC_KITTY_ENABLE_SAAS_SYNC)']),
    ...(config.problem === null ? [] : [config.problem]),
    ...(config.server === null && config.problem === null ? ['No sync server is configured'] : []),
    ...login.problems,
    ...(counts.refused > 0
      ? [`The server refused ${counts.refused} waiting event(s); see: spec-kitty sync diagnose`]
      : []),
    ...(deadLetters > 0 ? [`${deadLetters} event(s) were given up; see: spec-kitty sync diagnose`] : []),
  ]
  return {
    ok: problems.length === 0,
    enabled,
    server: config.server,
    server_source: config.source,
    auth_required: true,
    auth_present: login.user !== null,
    user: login.user,
    active_queue: {
      path: paths.spool,
      event_count: counts.events,
      body_upload_count: counts.documents,
      refused_count: counts.refused,
    },
    parked: countLines(door, paths.parked),
    overflow: countLines(door, paths.overflow),
    dead_letters: deadLetters,
    problems,
  }
}

function lookAtLogin(door: ReportDoor, server: string | null) {
  try {
    const session = readSession(door)
    if (session === undefined)
      return { user: null, problems: ['Nobody is logged in; run: spec-kitty auth login'] }
    const issuer = issuerOf(door, session)
    const foreign = issuer !== undefined && server !== null && issuer !== server
    const problem = `The login is for ${issuer}, but the sync server is ${server}: nothing is sent`
    return { user: session.email, problems: foreign ? [problem] : [] }
  } catch (cause) {
    return { user: null, problems: [detailOf(cause)] }
  }
}

const MOST_SHOWN = 1000

/** Holds every waiting and every given-up event against the contract. */
export function syncDiagnose(door: ReportDoor): SyncDiagnose {
  const events: SyncDiagnose['events'][number][] = []
  let checked = 0
  let invalid = 0
  const look = (row: SpoolRow, state: SyncDiagnose['events'][number]['state']) => {
    if (row.event === undefined) return
    checked++
    const judged = judgeEvent(row.event)
    const faults = judged.ok ? [] : judged.faults
    if (faults.length > 0) invalid++
    if ((faults.length === 0 && row.tries === 0) || events.length >= MOST_SHOWN) return
    const { event_type: type } = row.event
    events.push({
      event_id: idOf(row.event),
      event_type: typeof type === 'string' ? type : '',
      state,
      tries: row.tries,
      server_error: row.error ?? null,
      faults,
    })
  }
  eachWaiting(door, row => look(row, 'queued'))
  const { deadLetter } = syncPaths(door.sync.home)
  eachLine(door, deadLetter, 0, text => {
    const row = parseRow(text)
    if (row !== undefined) look(row, 'dead_letter')
  })
  return { queued: countWaiting(door), checked, invalid, dead_letters: countLines(door, deadLetter), events }
}

/** Everything that is wrong with sync, with its remedy. Asks the server when somebody is logged in. */
export async function syncDoctor(door: ReportDoor): Promise<SyncDoctor> {
  const status = syncStatus(door)
  const auth = await authDoctor(door, status.enabled)
  const own = status.problems.map(
    (summary, index): Finding => ({
      id: `S-${String(index + 1).padStart(3, '0')}`,
      severity: 'warning',
      summary,
      remediation: remedyOf(summary),
    }),
  )
  const findings = [...auth.findings.filter(finding => finding.id !== 'F-001'), ...own]
  return { ok: findings.every(finding => finding.severity === 'info'), status, auth, findings }
}

function remedyOf(problem: string): Remedy {
  if (problem.endsWith('spec-kitty sync diagnose')) return sh`spec-kitty sync diagnose`
  if (problem.endsWith('spec-kitty auth login')) return sh`spec-kitty auth login`
  return sh`spec-kitty sync server URL`
}

const CHUNK_BYTES = 1024 * 1024

function eachWaiting(door: Pick<ReportDoor, 'ports' | 'sync'>, look: (row: SpoolRow) => void): void {
  const cursor = readCursor(door)
  if (cursor === undefined) return
  eachLine(door, syncPaths(door.sync.home).spool, cursor.offset, text => {
    const row = parseRow(text)
    if (row !== undefined) look(row)
  })
}

function countLines(door: Pick<ReportDoor, 'sync'>, path: string): number {
  let count = 0
  eachLine(door, path, 0, () => count++)
  return count
}

function eachLine(
  door: Pick<ReportDoor, 'sync'>,
  path: string,
  from: number,
  look: (text: string) => void,
): void {
  for (let at = from; ; ) {
    const { lines } = door.sync.store.lines(path, at, CHUNK_BYTES)
    const last = lines.at(-1)
    if (last === undefined) return
    for (const { text } of lines) look(text)
    at = last.end
  }
}
