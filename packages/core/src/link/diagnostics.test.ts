import { KittyError } from '@spec-kitty/contracts/errors'
import { SYNC_DIAGNOSTIC_CODES } from '@spec-kitty/contracts/sync-codes'
import { describe, expect, test } from 'vitest'
import { classifySyncError, createSyncDiagnostics, detailOf, type TroubleKind } from './diagnostics.ts'

const errno = (code: string) => Object.assign(new Error(code), { code })
const named = (name: string) => Object.assign(new Error('x'), { name })
const trouble = (kind: TroubleKind) => ({ trouble: kind, detail: 'd' })

describe('classifySyncError goes by type', () => {
  test.each([
    [trouble('lock'), 'sync.final_sync_lock_unavailable'],
    [new KittyError('lock_busy', 'held'), 'sync.final_sync_lock_unavailable'],
    [new KittyError('io_failed', 'disk full'), 'sync.final_sync_lock_unavailable'],
    [trouble('refreshing'), 'sync.auth_refresh_in_progress'],
    [trouble('offline'), 'sync.websocket_offline'],
    [errno('ECONNREFUSED'), 'sync.websocket_offline'],
    [errno('ENOTFOUND'), 'sync.websocket_offline'],
    [trouble('ending'), 'sync.event_loop_unavailable'],
    [named('AbortError'), 'sync.event_loop_unavailable'],
    [named('TimeoutError'), 'sync.event_loop_unavailable'],
    [trouble('http'), 'sync.server_auth_failure'],
    [trouble('bad_answer'), 'sync.server_auth_failure'],
    [trouble('rejected'), 'sync.server_auth_failure'],
    [trouble('no_login'), 'sync.server_auth_failure'],
    [trouble('no_team'), 'sync.server_auth_failure'],
    [trouble('no_server'), 'sync.server_auth_failure'],
    [trouble('other_host'), 'sync.server_auth_failure'],
    [new KittyError('session_unreadable', 'x'), 'sync.server_auth_failure'],
    // Words are no type: 3.2.0 would have called these a lock and a WebSocket.
    [new Error('lock unavailable'), 'sync.server_auth_failure'],
    ['websocket offline', 'sync.server_auth_failure'],
  ])('%j is %s', (cause, code) => {
    expect(classifySyncError(cause)).toBe(code)
  })
})

describe('emit', () => {
  test('writes the exact line once per code, and another code still', () => {
    const lines: string[] = []
    const { emit } = createSyncDiagnostics(line => lines.push(line))
    emit('sync.websocket_offline', 'first')
    emit('sync.websocket_offline', 'second')
    emit('sync.server_auth_failure', 'third')
    expect(lines).toEqual([
      'sync_diagnostic severity=warning diagnostic_code=sync.websocket_offline fatal=false sync_phase=final_sync message=first',
      'sync_diagnostic severity=warning diagnostic_code=sync.server_auth_failure fatal=false sync_phase=final_sync message=third',
    ])
  })

  test('each invocation has its own set', () => {
    const lines: string[] = []
    for (let i = 0; i < 2; i++)
      createSyncDiagnostics(line => lines.push(line)).emit('sync.websocket_offline', 'x')
    expect(lines).toHaveLength(2)
  })

  test('hostile text stays one plain line without secrets', () => {
    const lines: string[] = []
    const { emit } = createSyncDiagnostics(line => lines.push(line))
    emit(
      'sync.server_auth_failure',
      `\u001b[31mred\u001b[0m\nnext\u001b]0;title\u0007 Bearer abc.def-1 refresh_token=rt-0001 "access_token": "at-1" ${'x'.repeat(5000)}`,
    )
    const message = lines[0]?.split('message=')[1] ?? ''
    expect(message).toMatch(
      /^red next Bearer \[hidden\] refresh_token=\[hidden\] "access_token": "\[hidden\]" x+…$/,
    )
    expect(message.length).toBe(300)
  })

  test('a hundred thousand of one code are one line', () => {
    const lines: string[] = []
    const { emit } = createSyncDiagnostics(line => lines.push(line))
    for (let i = 0; i < 100_000; i++) emit('sync.websocket_offline', 'again')
    expect(lines).toHaveLength(1)
  })
})

test('there are five codes, and a detail for every kind of cause', () => {
  expect(SYNC_DIAGNOSTIC_CODES).toHaveLength(5)
  expect([detailOf(trouble('lock')), detailOf(new Error('boom')), detailOf('text')]).toEqual([
    'd',
    'boom',
    'text',
  ])
})
