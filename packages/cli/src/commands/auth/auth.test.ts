import { readdirSync, readFileSync, statSync } from 'node:fs'
import { AuthLogin, AuthLogout } from '@spec-kitty/contracts/cli/auth-login'
import { AuthDoctor, AuthStatus, AuthWhoami } from '@spec-kitty/contracts/cli/auth-status'
import { syncPaths } from '@spec-kitty/core/link/paths'
import { createPorts } from '@spec-kitty/host/ports'
import { PASSWORD } from '@spec-kitty/server/testing/start'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSyncWorld, login, type RunOptions, type SyncWorld } from '../../testing/sync-world.ts'

let sync: SyncWorld
beforeEach(async () => {
  sync = await createSyncWorld({ login: false })
})
afterEach(() => sync.cleanup())

const auth = (words: string, how: RunOptions = {}) => sync.run(['auth', ...words.split(' ')], how)
const json = async (words: string, how: RunOptions = {}) => {
  const result = await auth(`${words} --json`, how)
  return { status: result.status, document: result.json as Record<string, unknown> }
}
const approve = async (said: string): Promise<void> => {
  const code = /^Code: +(\S+)$/m.exec(said)?.[1]
  if (code !== undefined) await sync.server.approve(code)
}

describe('device flow', () => {
  test('shows address and code, waits, and greets', async () => {
    const result = await auth('login --headless', { fast: true, onSleep: approve })
    expect([result.status, result.stderr]).toEqual([0, ''])
    expect(result.stdout).toMatch(/^Visit: http.*\/device\nCode: {2}\w{4}-\w{4}\nOr open: http/)
    expect(result.stdout).toContain('Waiting for authorization (timeout in 15 minutes)...')
    expect(result.stdout).toContain('+ Authenticated as alice@')
    expect(result.stdout).toContain('[Private Teamspace]')
    expect((await auth('whoami')).stdout).toMatch(/^alice@\S+\n$/)
  })

  test('with --json the code goes to stderr and the result alone to stdout', async () => {
    const result = await login(sync)
    expect(v.parse(AuthLogin, result.json)).toMatchObject({ already: false, method: 'device_code' })
    expect(result.stderr).toContain('Code: ')
  })

  test('a second login asks nobody, --force does', async () => {
    await login(sync)
    const before = sync.proxy.requests.length
    expect(await json('login')).toMatchObject({ status: 0, document: { already: true, method: 'stored' } })
    expect((await auth('login')).stdout).toContain('Already logged in')
    expect(sync.proxy.requests).toHaveLength(before)
    expect((await login(sync, '--force')).json).toMatchObject({ already: false })
  })

  test('denied in the browser', async () => {
    const deny = async (said: string) => {
      const code = /^Code: +(\S+)$/m.exec(said)?.[1]
      if (code !== undefined) await sync.server.approve(code, 'alice', 'deny')
    }
    expect(await json('login --headless', { fast: true, onSleep: deny })).toMatchObject({
      status: 1,
      document: { code: 'login_failed', error: expect.stringContaining('denied') },
    })
    expect((await json('whoami')).status).toBe(1)
  })

  test('a server that stumbles, slows down or ends the code', async () => {
    await sync.proxy.set({ kind: 'status', status: 503 }, { path: '/oauth/token', times: 1 })
    await sync.proxy.add({ kind: 'reset' }, { path: '/oauth/token', times: 1 })
    await sync.proxy.add(
      { kind: 'status', status: 400, body: { error: 'slow_down' } },
      { path: '/oauth/token', times: 1 },
    )
    expect((await login(sync)).status).toBe(0)
    await sync.proxy.set(
      { kind: 'status', status: 400, body: { error: 'expired_token' } },
      { path: '/oauth/token' },
    )
    expect(await json('login --headless --force', { fast: true })).toMatchObject({
      status: 1,
      document: { error: 'The code was not confirmed in time' },
    })
    await sync.proxy.set(
      { kind: 'status', status: 400, body: { error: '\u001b[31mhm' } },
      { path: '/oauth/token' },
    )
    expect(await json('login --headless --force', { fast: true })).toMatchObject({
      document: { error: expect.stringMatching(/HTTP 400 \(hm\)/) },
    })
  })

  test.each([
    ['refused', { kind: 'refuse' }],
    ['garbage', { kind: 'garbage' }],
    ['huge', { kind: 'huge', bytes: 5_000_000 }],
    ['no HTTP', { kind: 'not_http' }],
    ['redirect', { kind: 'redirect', to: 'http://127.0.0.1:1/' }],
    ['cut off', { kind: 'cut' }],
  ] as const)('a hostile answer: %s', async (_, fault) => {
    await sync.proxy.set(fault)
    const { status, document } = await json('login --headless', { fast: true })
    expect([status, document.code]).toEqual([1, 'login_failed'])
    expect(String(document.error)).toMatch(/^Asking for a device code: /)
    expect(String(document.error)).not.toContain('\u001b')
  })
})

describe('browser flow', () => {
  /** The browser of a person who logs in on the page, if the page is the server's. */
  const browser =
    (change: (to: URL) => void = () => {}) =>
    async (address: string): Promise<void> => {
      const asked = new URL(address)
      expect(asked.searchParams.get('code_challenge_method')).toBe('S256')
      const form = new URLSearchParams([
        ...asked.searchParams,
        ['name', 'alice'],
        ['password', PASSWORD],
        ['answer', 'approve'],
      ])
      const answered = await fetch(`${asked.origin}/oauth/authorize`, {
        method: 'POST',
        body: form,
        redirect: 'manual',
      })
      const back = new URL(answered.headers.get('location') ?? '')
      change(back)
      const page = await fetch(back)
      expect(await page.text()).toContain('close this window')
    }

  test('with PKCE', async () => {
    const result = await auth('login', { browse: browser() })
    expect([result.status, result.stderr]).toEqual([0, ''])
    expect(result.stdout).toMatch(/^Opening browser for OAuth authentication\.\.\.\nOr open: http/)
    expect((await json('status')).document).toMatchObject({
      authenticated: true,
      auth_method: 'authorization_code',
    })
  })

  test('an answer that is not for this login is not taken, and the login goes on', async () => {
    const forgedFirst = async (address: string): Promise<void> => {
      const back = new URL(new URL(address).searchParams.get('redirect_uri') ?? '')
      back.search = 'code=evil&state=forged'
      expect((await fetch(back)).status).toBe(404)
      await browser()(address)
    }
    expect((await auth('login', { browse: forgedFirst })).status).toBe(0)
  })

  test('a refusal, and an answer without a code', async () => {
    const refused = browser(back => {
      back.searchParams.delete('code')
      back.searchParams.set('error', 'access_denied\u001b[0m')
    })
    expect((await json('login', { browse: refused })).document.error).toBe(
      'The server refused the login: access_denied',
    )
    const empty = browser(back => back.searchParams.delete('code'))
    expect((await json('login', { browse: empty })).document.error).toBe(
      'The browser came back without a code',
    )
  })

  test('a code that the server does not take', async () => {
    const wrong = browser(back => back.searchParams.set('code', 'wrong'))
    expect((await json('login', { browse: wrong })).document.error).toMatch(
      /Exchanging the code of the browser: HTTP 400/,
    )
  })
})

describe('logout', () => {
  test('revokes, forgets, and can be asked again', async () => {
    await login(sync)
    const { refresh_token: refreshToken } = JSON.parse((await sync.ports().sync()).secrets.read() ?? '{}')
    const done = await json('logout --force')
    expect(v.parse(AuthLogout, done.document)).toEqual({ logged_out: true, revoked: true, detail: null })
    const revoke = sync.proxy.requests.at(-1)
    expect([revoke?.path, String(revoke?.body)]).toEqual([
      '/oauth/revoke',
      `token=${refreshToken}&token_type_hint=refresh_token`,
    ])
    expect(await json('logout')).toMatchObject({ status: 0, document: { logged_out: false } })
    expect((await auth('logout')).stdout).toBe('Nobody was logged in.\n')
  })

  test('works without the server, and says so', async () => {
    await login(sync)
    await sync.proxy.set({ kind: 'refuse' })
    const result = await auth('logout')
    expect([result.status, result.stdout]).toEqual([
      0,
      expect.stringMatching(/did not confirm.*\n\+ Logged out\.\n$/s),
    ])
    expect((await json('whoami')).status).toBe(1)
  })

  test('a damaged session is forgotten too', async () => {
    await login(sync)
    sync.world.write(`${sync.home}/auth/session.json`, '{}')
    expect((await json('status')).document).toMatchObject({ code: 'session_unreadable' })
    expect((await json('logout')).document).toMatchObject({ logged_out: true, revoked: false })
    expect((await json('status')).document).toMatchObject({ authenticated: false })
  })
})

test('status tells everything but the tokens', async () => {
  expect((await auth('status')).stdout).toContain('X Not authenticated')
  expect(v.parse(AuthStatus, (await json('status')).document)).toMatchObject({
    authenticated: false,
    server: sync.proxy.url,
  })
  await login(sync)
  expect(v.parse(AuthStatus, (await json('status')).document)).toMatchObject({ issuer: sync.proxy.url })
  const shown = (await auth('status')).stdout
  expect(shown).toMatch(/User: +alice@/)
  expect(shown).toMatch(/Access token: +60 min left/)
  v.parse(AuthWhoami, (await json('whoami')).document)
})

describe('doctor', () => {
  const ids = async (words = 'doctor') => {
    const { document } = await json(words)
    return v.parse(AuthDoctor, document).findings.map(finding => finding.id)
  }

  test('without a login, with one, and with the server asked', async () => {
    expect(await ids()).toEqual(['F-001'])
    await login(sync)
    expect([await ids(), (await auth('doctor')).stdout]).toEqual([[], 'The login is in order.\n'])
    expect(await ids('doctor --server')).toEqual([])
    await sync.proxy.set({ kind: 'status', status: 500 }, { path: '/api/v1/me' })
    expect(await ids('doctor --server')).toEqual(['F-013'])
  })

  test('a held lock, a login of another server, an expired one, one without private team', async () => {
    await login(sync)
    sync.world.write(syncPaths(sync.home).refreshLock, '')
    const lock = await createPorts({ env: {} }).locks.acquire(syncPaths(sync.home).refreshLock, 0)
    expect(await ids()).toEqual(['F-003'])
    lock.release()
    const elsewhere = await json('doctor', { env: { SPEC_KITTY_SAAS_URL: 'https://other.example' } })
    expect([elsewhere.status, elsewhere.document.findings]).toEqual([
      1,
      [expect.objectContaining({ id: 'F-010' })],
    ])
    const { secrets } = await sync.ports().sync()
    const session = JSON.parse(secrets.read() ?? '{}')
    secrets.write(JSON.stringify({ ...session, teams: [], refresh_token_expires_at: '2020-01-01T00:00:00Z' }))
    expect(await ids()).toEqual(['F-011', 'F-012'])
    expect((await auth('doctor')).stdout).toContain(
      'F-011 critical: The login has expired\n  spec-kitty auth login --force',
    )
  })

  test('an unsafe address and a session that others can read', async () => {
    const unsafe = await json('doctor', { env: { SPEC_KITTY_SAAS_URL: 'http://kitty.example' } })
    expect(unsafe.document.findings).toMatchObject([{ id: 'F-001' }, { id: 'F-009' }])
    await login(sync)
    sync.world.write(`${sync.home}/auth/session.json`, 'x')
    expect(await ids()).toEqual(['F-008'])
  })
})

test('without a server login says what to set', async () => {
  const { status, document } = await json('login', { env: { SPEC_KITTY_SAAS_URL: '' } })
  expect([status, document.code, document.error]).toEqual([
    1,
    'login_failed',
    expect.stringContaining('SPEC_KITTY_SAAS_URL'),
  ])
})

test('files of the login are private and hold no token in clear', async () => {
  await login(sync)
  const { access_token: access, refresh_token: refresh } = JSON.parse(
    (await sync.ports().sync()).secrets.read() ?? '{}',
  )
  const dir = `${sync.home}/auth`
  expect(statSync(dir).mode & 0o777).toBe(0o700)
  for (const name of readdirSync(dir)) {
    expect([name, statSync(`${dir}/${name}`).mode & 0o777]).toEqual([name, 0o600])
    const text = readFileSync(`${dir}/${name}`, 'latin1')
    expect(text.includes(access) || text.includes(refresh)).toBe(false)
  }
})
