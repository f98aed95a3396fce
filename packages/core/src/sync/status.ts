/** What waits, for whom, and what is in the way: `sync status`, `diagnose`, `doctor`. Reads only. */
import type { SyncDiagnose, SyncDoctor } from '@spec-kitty/contracts/cli/sync-status'
import { sh } from '@spec-kitty/contracts/sh'
import { judgeEvent } from '@spec-kitty/contracts/wire/event'
import { type LinkFinding, linkFinding, linkRow, lookAtLogin, serverFindings } from '../auth/checks.ts'
import { authDoctor, type ReportDoor } from '../auth/report.ts'
import { readSyncConfig } from '../link/config.ts'
import { syncPaths } from '../link/paths.ts'
import { countWaiting, parseRow, readCursor, type SpoolRow } from '../link/spool.ts'
import { isSyncOn } from '../link/switch.ts'
import { idOf } from './upload.ts'

/** The state of sync on this machine. */
export function syncStatus(door: ReportDoor): SyncDoctor['status'] {
  return describe(door, lookAtSync(door))
}

/** What is in the way of sync on this machine; asks no server. */
export function syncFindings(door: ReportDoor): readonly LinkFinding[] {
  return lookAtSync(door).findings
}

function lookAtSync(door: ReportDoor) {
  const { ports, sync } = door
  const config = readSyncConfig(ports, sync.home)
  const paths = syncPaths(sync.home)
  const counts = { events: 0, documents: 0, refused: 0 }
  eachWaiting(door, row => {
    if (row.event === undefined) counts.documents++
    else counts.events++
    if (row.tries > 0) counts.refused++
  })
  const { session, findings: login } = lookAtLogin(door, config)
  const enabled = isSyncOn(ports.env)
  const deadLetters = countLines(door, paths.deadLetter)
  const findings = [
    ...(enabled ? [] : [SWITCHED_OFF]),
    ...serverFindings(config),
    ...(config.server === null && config.problem === null ? [NO_SERVER] : []),
    ...login,
    ...(counts.refused > 0 ? [refusedEvents(counts.refused)] : []),
    ...(deadLetters > 0 ? [givenUp(deadLetters)] : []),
  ]
  return { config, paths, counts, user: session?.email ?? null, enabled, deadLetters, findings }
}

const SWITCHED_OFF = linkFinding(
  'warning',
  'sync_off',
  'Sync is switched off (SPEC_KITTY_ENABLE_SAAS_SYNC)',
  sh`export SPEC_KITTY_ENABLE_SAAS_SYNC=1`,
)

const NO_SERVER = linkFinding(
  'warning',
  'server_missing',
  'No sync server is configured',
  sh`spec-kitty sync server URL`,
)

function refusedEvents(count: number): LinkFinding {
  const message = `The server refused ${count} waiting event(s)`
  return linkFinding('warning', 'events_refused', message, sh`spec-kitty sync diagnose`)
}

function givenUp(count: number): LinkFinding {
  return linkFinding(
    'warning',
    'events_given_up',
    `${count} event(s) were given up`,
    sh`spec-kitty sync diagnose`,
  )
}

function describe(door: ReportDoor, look: ReturnType<typeof lookAtSync>): SyncDoctor['status'] {
  const { config, paths, counts, user, enabled, deadLetters, findings } = look
  return {
    ok: findings.length === 0,
    enabled,
    server: config.server,
    server_source: config.source,
    auth_required: true,
    auth_present: user !== null,
    user,
    active_queue: {
      path: paths.spool,
      event_count: counts.events,
      body_upload_count: counts.documents,
      refused_count: counts.refused,
    },
    parked: countLines(door, paths.parked),
    overflow: countLines(door, paths.overflow),
    dead_letters: deadLetters,
    problems: findings.map(({ message }) => message),
    findings: findings.map(linkRow),
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
  const known = new Set(status.findings.map(({ id }) => id))
  const findings = [...status.findings, ...auth.findings.filter(({ id }) => !known.has(id))]
  return { ok: findings.every(finding => finding.severity === 'info'), status, auth, findings }
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
