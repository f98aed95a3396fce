import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import {
  CLIENT_ID,
  DEVICE_GRANT,
  DeviceAuthorization,
  Me,
  TokenResponse,
} from '@spec-kitty/contracts/wire/auth'
import { BatchResponse, SyncHealth } from '@spec-kitty/contracts/wire/batch'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/start.ts'
import { wireEvent } from '../testing/wire-event.ts'

let server: TestServer
let alice: string
let bob: string

beforeAll(async () => {
  server = await startTestServer()
  await server.addUser('bob', ['platform'])
  await server.addUser('carol', ['platform'])
  alice = (await server.login('alice')).access_token
  bob = (await server.login('bob')).access_token
})
afterAll(() => server.cleanup())

const call = (path: string, token: string, init: RequestInit = {}): Promise<Response> =>
  fetch(server.url + path, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) },
  })
const post = (path: string, token: string, body: unknown, headers: Record<string, string> = {}) =>
  call(path, token, { method: 'POST', body: JSON.stringify(body), headers })
const send = (events: readonly unknown[], token = alice, headers: Record<string, string> = {}) =>
  call('/api/v1/events/batch/', token, {
    method: 'POST',
    body: gzipSync(JSON.stringify({ events })),
    headers: { 'content-encoding': 'gzip', 'content-type': 'application/json', ...headers },
  })
const results = async (answer: Response): Promise<readonly string[]> => {
  expect(answer.status).toBe(200)
  const { results } = v.parse(BatchResponse, await answer.json())
  return results.map(each => each.status)
}
const stored = async (token: string, team?: string): Promise<readonly Record<string, unknown>[]> => {
  const headers: Record<string, string> = team === undefined ? {} : { 'x-team-slug': team }
  const answer = await call('/api/v1/events/', token, { headers })
  return ((await answer.json()) as { events: { event: Record<string, unknown> }[] }).events.map(
    each => each.event,
  )
}

describe('device login', () => {
  const start = async (): Promise<DeviceAuthorization> =>
    v.parse(DeviceAuthorization, await (await server.form('/oauth/device', { client_id: CLIENT_ID })).json())
  const poll = (device: DeviceAuthorization): Promise<Response> =>
    server.form('/oauth/token', {
      grant_type: DEVICE_GRANT,
      client_id: CLIENT_ID,
      device_code: device.device_code,
    })

  test('pending, approved, spent', async () => {
    const device = await start()
    expect(device.verification_uri).toBe(`${server.url}/device`)
    const pending = await poll(device)
    expect([pending.status, await pending.json()]).toEqual([400, { error: 'authorization_pending' }])
    expect((await server.approve(device.user_code.toLowerCase().replace(/^(.{4})/, '$1-'))).status).toBe(200)
    const tokens = v.parse(TokenResponse, await (await poll(device)).json())
    expect(tokens.expires_in).toBe(3600)
    expect(await (await poll(device)).json()).toEqual({ error: 'expired_token' })
    const me = v.parse(Me, await (await call('/api/v1/me', tokens.access_token)).json())
    expect(me).toMatchObject({ name: 'alice', teams: [{ id: 'private-alice', is_private_teamspace: true }] })
  })

  test('denied', async () => {
    const device = await start()
    await server.approve(device.user_code, 'alice', 'deny')
    expect(await (await poll(device)).json()).toEqual({ error: 'access_denied' })
  })

  test('a code is answered once, and dies after 15 minutes', async () => {
    const device = await start()
    await server.approve(device.user_code, 'alice', 'deny')
    expect((await server.approve(device.user_code)).status).toBe(400)
    const late = await start()
    server.pass(901_000)
    expect((await server.approve(late.user_code)).status).toBe(400)
    expect(await (await poll(late)).json()).toEqual({ error: 'expired_token' })
  })

  test('the page asks for the code, escapes what it was given, and allows no script', async () => {
    const answer = await fetch(`${server.url}/device?user_code=${encodeURIComponent('"><script>x</script>')}`)
    const html = await answer.text()
    expect(html).not.toContain('<script>')
    expect(html).toContain('&#60;script&#62;')
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(answer.headers.get('x-frame-options')).toBe('DENY')
  })

  test('a wrong password says nothing about who exists, and five of them bring a pause', async () => {
    await server.addUser('dave')
    const attempt = async (name: string, password: string): Promise<readonly [number, boolean]> => {
      const answer = await server.form('/device', { user_code: 'X', name, password, answer: 'approve' })
      return [answer.status, (await answer.text()).includes('Name or password is wrong.')]
    }
    expect(await attempt('nobody', 'x')).toEqual([401, true])
    for (let i = 0; i < 5; i++) expect(await attempt('dave', 'x')).toEqual([401, true])
    expect(await attempt('dave', 'correct horse battery')).toEqual([429, false])
    server.pass(61_000)
    // The right password; the code is what is wrong.
    expect(await attempt('dave', 'correct horse battery')).toEqual([400, false])
  })

  test('another client, another grant, no grant', async () => {
    expect((await server.form('/oauth/device', { client_id: 'evil' })).status).toBe(401)
    expect(
      (await server.form('/oauth/token', { client_id: 'evil', grant_type: 'refresh_token' })).status,
    ).toBe(401)
    const odd = await server.form('/oauth/token', { client_id: CLIENT_ID, grant_type: 'password' })
    expect(await odd.json()).toEqual({ error: 'unsupported_grant_type' })
  })
})

describe('browser login', () => {
  const verifier = 'v'.repeat(43)
  const request = {
    client_id: CLIENT_ID,
    redirect_uri: 'http://127.0.0.1:28888/callback',
    response_type: 'code',
    scope: 'offline_access',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: 'st&te',
  }
  const authorize = (change: Record<string, string> = {}): Promise<Response> =>
    server.form('/oauth/authorize', {
      ...request,
      name: 'alice',
      password: 'correct horse battery',
      ...change,
    })
  const exchange = (code: string, change: Record<string, string> = {}): Promise<Response> =>
    server.form('/oauth/token', {
      grant_type: 'authorization_code',
      client_id: CLIENT_ID,
      code,
      redirect_uri: request.redirect_uri,
      code_verifier: verifier,
      ...change,
    })
  const codeOf = (answer: Response): string =>
    new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? ''

  test('page, redirect with code and state, tokens', async () => {
    const page = await fetch(`${server.url}/oauth/authorize?${new URLSearchParams(request)}`)
    expect(await page.text()).toContain('value="st&#38;te"')
    const answer = await authorize()
    expect(answer.status).toBe(302)
    const target = new URL(answer.headers.get('location') ?? '')
    expect(target.origin + target.pathname).toBe(request.redirect_uri)
    expect(target.searchParams.get('state')).toBe('st&te')
    const tokens = await exchange(codeOf(answer))
    expect(tokens.status).toBe(200)
    v.parse(TokenResponse, await tokens.json())
  })

  test.each([{ code_verifier: 'w'.repeat(43) }, { redirect_uri: 'http://127.0.0.1:1/callback' }])(
    'a code does not work with %j, and is spent by the attempt',
    async change => {
      const code = codeOf(await authorize())
      expect(await (await exchange(code, change)).json()).toEqual({ error: 'invalid_grant' })
      expect((await exchange(code)).status).toBe(400)
    },
  )

  test.each([
    { redirect_uri: 'https://evil.example/callback' },
    { redirect_uri: 'http://127.0.0.1.evil.example/' },
    { redirect_uri: 'http://user@127.0.0.1/' },
    { redirect_uri: 'javascript:alert(1)' },
    { code_challenge_method: 'plain' },
    { code_challenge: 'short' },
    { client_id: 'other' },
  ])('no page and no code for %j', async change => {
    const page = await fetch(
      `${server.url}/oauth/authorize?${new URLSearchParams({ ...request, ...change })}`,
    )
    expect(page.status).toBe(400)
    expect((await authorize(change)).status).toBe(400)
  })

  test('a code that is shown twice ends the session that it opened', async () => {
    const code = codeOf(await authorize())
    const tokens = v.parse(TokenResponse, await (await exchange(code)).json())
    expect((await call('/api/v1/me', tokens.access_token)).status).toBe(200)
    expect(await (await exchange(code)).json()).toEqual({ error: 'invalid_grant' })
    expect((await call('/api/v1/me', tokens.access_token)).status).toBe(401)
  })

  test('a wrong password keeps the request', async () => {
    const answer = await authorize({ password: 'wrong' })
    expect(answer.status).toBe(401)
    expect(await answer.text()).toContain(request.code_challenge)
  })
})

describe('sessions', () => {
  const refresh = (token: string): Promise<Response> =>
    server.form('/oauth/token', { grant_type: 'refresh_token', client_id: CLIENT_ID, refresh_token: token })

  const tokensOf = async (answer: Promise<Response>): Promise<TokenResponse> =>
    v.parse(TokenResponse, await (await answer).json())

  test('an answer that was lost is given again; a token whose successor was used is a theft', async () => {
    const first = await server.login()
    const lost = await tokensOf(refresh(first.refresh_token))
    expect(lost).toMatchObject({ generation: 2, session_id: first.session_id })
    server.pass(61_000)
    const second = await tokensOf(refresh(first.refresh_token))
    const third = await tokensOf(refresh(second.refresh_token))
    const stolen = await refresh(first.refresh_token)
    expect([stolen.status, await stolen.json()]).toEqual([401, { error: 'session_invalid' }])
    expect((await call('/api/v1/me', third.access_token)).status).toBe(401)
    expect(await (await refresh(third.refresh_token)).json()).toEqual({ error: 'invalid_grant' })
  })

  test('however often it is refreshed, a session ends after a year', async () => {
    let tokens = await server.login()
    for (let day = 0; day < 360; day += 60) {
      server.pass(60 * 86_400_000)
      tokens = await tokensOf(refresh(tokens.refresh_token))
    }
    expect(tokens.refresh_token_expires_in).toBeLessThan(6 * 86_400)
    server.pass(6 * 86_400_000)
    expect((await refresh(tokens.refresh_token)).status).toBe(400)
    alice = (await server.login('alice')).access_token
    bob = (await server.login('bob')).access_token
  })

  test('the login of a disabled user ends at once, and there is no new one', async () => {
    await server.addUser('mallory')
    const tokens = await server.login('mallory')
    const user = await server.store.userByName('mallory')
    await server.store.setDisabled(user?.id ?? '', 'now')
    expect((await call('/api/v1/me', tokens.access_token)).status).toBe(401)
    expect((await refresh(tokens.refresh_token)).status).toBe(400)
    expect((await server.approve('X', 'mallory')).status).toBe(401)
  })

  test('access tokens end after an hour', async () => {
    const { access_token, session_id } = await server.login()
    const status = await call('/api/v1/session-status', access_token)
    expect(await status.json()).toMatchObject({ session_id })
    server.pass(3_600_000)
    expect((await call('/api/v1/session-status', access_token)).status).toBe(401)
    alice = (await server.login('alice')).access_token
    bob = (await server.login('bob')).access_token
  })

  test.each(['refresh_token', 'access_token'] as const)('revocation by %s ends everything', async kind => {
    const tokens = await server.login()
    const answer = await server.form('/oauth/revoke', { token: tokens[kind] })
    expect(await answer.json()).toEqual({ revoked: true })
    expect((await call('/api/v1/me', tokens.access_token)).status).toBe(401)
    expect((await refresh(tokens.refresh_token)).status).toBe(400)
  })

  test('an unknown token needs no revocation', async () => {
    expect(await (await server.form('/oauth/revoke', { token: 'x' })).json()).toEqual({ revoked: true })
  })
})

describe('ingest', () => {
  test('success, duplicate, rejected: each event by itself', async () => {
    const good = wireEvent({ event_id: '01M84XCG40QJQ9XH0CGA000001' })
    const bad = wireEvent({ event_id: 'not-an-id' })
    expect(await results(await send([good, bad, good]))).toEqual(['success', 'rejected', 'duplicate'])
    const again = await send([{ ...good, event_id: good.event_id.toLowerCase() }])
    expect(await results(again)).toEqual(['duplicate'])
    expect((await stored(alice)).filter(event => event.event_id === good.event_id)).toEqual([good])
  })

  test('a UUID in three spellings is one event', async () => {
    const uuid = '550e8400-e29b-41d4-a716-446655440000'
    const spellings = [uuid, uuid.replaceAll('-', ''), uuid.toUpperCase()]
    const answer = await send(spellings.map(event_id => wireEvent({ event_id })))
    expect(await results(answer)).toEqual(['success', 'duplicate', 'duplicate'])
  })

  test('a rejection names field and reason', async () => {
    const answer = await send([wireEvent({ schema_version: '999.0.0' }), null, 7])
    const body = v.parse(BatchResponse, await answer.json())
    expect(body.results[0]?.error_message).toContain('999.0.0')
    expect(body.results.map(each => each.event_id)).toEqual([expect.any(String), null, null])
  })

  test('machine name, path and developer of the Python edition are not kept', async () => {
    const build = wireEvent({
      event_id: '01M84XCG40QJQ9XH0CGA000002',
      event_type: 'BuildRegistered',
      aggregate_type: 'Build',
      payload: {
        repo_slug: null,
        machine_name: 'HOST',
        workspace_path: '/secret',
        developer_name: 'Dev',
        branch: 'b',
      },
    })
    expect(await results(await send([build]))).toEqual(['success'])
    const kept = (await stored(alice)).find(event => event.event_id === build.event_id)
    expect(kept?.payload).toEqual({ repo_slug: null })
    const odd = { ...build, event_id: '01M84XCG40QJQ9XH0CGA000003', payload: { bogus: 1 } }
    expect(await results(await send([odd]))).toEqual(['rejected'])
  })

  test('limits are advertised and kept', async () => {
    const health = await call('/api/v1/sync/health/', alice)
    const limits = v.parse(SyncHealth, await health.json()).sync_ingress?.limits
    expect(limits?.max_events_per_batch).toBe(1000)
    const many = await send(Array.from({ length: 1001 }, () => ({})))
    expect([many.status, await many.json()]).toEqual([413, { error: 'sync_batch_too_large', limits }])
  })

  test.each<[string, string, Record<string, string>, number, string]>([
    ['empty list', '{"events":[]}', {}, 400, 'No events provided'],
    ['no list', '{"events":7}', {}, 400, 'events'],
    ['not JSON', '{', {}, 400, 'invalid_json'],
    ['not gzip', 'plain', { 'content-encoding': 'gzip' }, 400, 'invalid_gzip'],
    ['unknown compression', '{}', { 'content-encoding': 'br' }, 415, 'content_encoding'],
  ])('refused as a whole: %s', async (_, body, headers, status, word) => {
    const answer = await call('/api/v1/events/batch/', alice, { method: 'POST', body, headers })
    expect(answer.status).toBe(status)
    expect(await answer.text()).toContain(word)
  })

  test('the snapshot takes the alias, other zones and late events', async () => {
    const at = (event_id: string, timestamp: string, to_lane: string, extra = {}) =>
      wireEvent({
        event_id,
        timestamp,
        payload: { ...wireEvent().payload, wp_id: 'WP77', from_lane: 'claimed', to_lane, ...extra },
      })
    await send([
      at('01M84XCG40QJQ9XH0CGA000011', '2026-11-23T21:00:00.000001+02:00', 'doing'),
      at('01M84XCG40QJQ9XH0CGA000012', '2026-11-23T18:59:59Z', 'blocked'),
    ])
    const { workPackages } = await server.store.snapshot('private-alice', null, 100)
    expect(workPackages.find(wp => wp.wp_id === 'WP77')).toMatchObject({
      lane: 'in_progress',
      updated_at: '2026-11-23T19:00:00.000001+00:00',
    })
  })

  test('reading in pages', async () => {
    type Page = { readonly events: readonly { readonly seq: number }[]; readonly next: number }
    const first = (await (await call('/api/v1/events/?limit=1', alice)).json()) as Page
    expect(first.events).toHaveLength(1)
    const second = (await (await call(`/api/v1/events/?limit=1&after=${first.next}`, alice)).json()) as Page
    expect(second.events[0]?.seq).toBeGreaterThan(first.next)
    expect((await call('/api/v1/events/?after=x', alice)).status).toBe(400)
  })
})

describe('documents', () => {
  const document = (content: string, change = {}) => ({
    project_uuid: 'c73079ee-67c5-4b7e-9ce5-aa35d02eb116',
    mission_slug: 'm',
    target_branch: 'main',
    mission_type: 'software-dev',
    manifest_version: '1',
    artifact_path: 'spec.md',
    content_hash: createHash('sha256').update(content).digest('hex'),
    hash_algorithm: 'sha256',
    content_body: content,
    ...change,
  })
  const push = async (body: unknown): Promise<number> =>
    (await post('/api/dossier/push-content/', alice, body)).status

  test('stored, already there, changed', async () => {
    expect(await push(document('one'))).toBe(201)
    expect(await push(document('one'))).toBe(200)
    expect(await push(document('two'))).toBe(201)
  })
  test('refused', async () => {
    expect(await push(document('one', { content_hash: 'f'.repeat(64) }))).toBe(400)
    expect(await push({})).toBe(400)
    expect(await push(document('é'.repeat(300_000)))).toBe(413)
    expect(await push(document('x'.repeat(3_000_000)))).toBe(413)
  })
})

describe('shares', () => {
  const project = 'c73079ee-67c5-4b7e-9ce5-aa35d02eb116'
  const share = { source_project_uuid: project.toUpperCase(), destination_team_slug: 'platform' }
  const path = '/api/v1/sync/repository-shares/'

  test('a project is shown to a team of which one is a member, until one leaves or forgets', async () => {
    await send([wireEvent({ event_id: '01M84XCG40QJQ9XH0CGA000021', team_slug: 'private-bob' })], bob)
    expect(await stored(bob, 'platform')).toEqual([])
    expect((await post(path, bob, share)).status).toBe(201)
    expect(await (await call(path, bob)).json()).toEqual({
      results: [
        {
          source_project_uuid: project,
          destination_team_slug: 'platform',
          state: 'active',
          team: { slug: 'platform', name: 'platform' },
          active_sharer_count: 1,
        },
      ],
    })
    expect(await stored(bob, 'platform')).toHaveLength(1)
    expect(await (await post(`${path}leave/`, bob, share)).json()).toMatchObject({ state: 'left' })
    expect(await (await post(`${path}leave/`, bob, share)).json()).toMatchObject({ state: 'not_shared' })
    const forgotten = await post(`/api/v1/sync/projects/${project}/forget-private/`, bob, {})
    expect(await forgotten.json()).toEqual({ project_uuid: project, events_deleted: 1 })
    expect(await stored(bob)).toEqual([])
  })
  test('not with a team of others, known or not', async () => {
    for (const destination_team_slug of ['platform', 'private-bob', 'nowhere']) {
      const answer = await post(path, alice, { ...share, destination_team_slug })
      expect([answer.status, await answer.json()]).toEqual([403, { error: 'not_a_team_member' }])
    }
    expect((await post(path, alice, {})).status).toBe(400)
  })
})

describe('security', () => {
  const paths = [
    ['GET', '/api/v1/me'],
    ['GET', '/api/v1/session-status'],
    ['GET', '/api/v1/events/'],
    ['POST', '/api/v1/events/batch/'],
    ['GET', '/api/v1/sync/health/'],
    ['POST', '/api/v1/ws-token'],
    ['POST', '/api/dossier/push-content/'],
    ['GET', '/api/v1/sync/repository-shares/'],
    ['POST', '/api/v1/sync/repository-shares/'],
    ['POST', '/api/v1/sync/repository-shares/leave/'],
    ['POST', '/api/v1/sync/projects/x/forget-private/'],
    ['GET', '/api/v1/nothing'],
  ] as const

  test.each(paths)('unauthenticated: %s %s', async (method, path) => {
    for (const token of ['', 'skat_wrong', 'x'.repeat(5000)]) {
      const answer = await call(path, token, { method })
      expect(answer.status).toBe(401)
    }
    expect((await fetch(server.url + path, { method })).headers.get('www-authenticate')).toBe('Bearer')
  })

  test('a refresh token opens nothing but a refresh', async () => {
    const tokens = await server.login()
    expect((await call('/api/v1/me', tokens.refresh_token)).status).toBe(401)
  })

  test('cross-team: header, envelope, channel, reading', async () => {
    const event = wireEvent({ event_id: '01M84XCG40QJQ9XH0CGA000031' })
    for (const team of ['private-bob', 'platform', 'nowhere']) {
      expect((await send([event], alice, { 'x-team-slug': team })).status).toBe(403)
      expect((await post('/api/v1/ws-token', alice, { team_id: team })).status).toBe(403)
      expect((await call('/api/v1/events/', alice, { headers: { 'x-team-slug': team } })).status).toBe(403)
    }
    expect(await results(await send([{ ...event, team_slug: 'private-bob' }]))).toEqual(['rejected'])
    expect(await server.store.events('platform', 0, { rows: 10, bytes: 1e6 })).toEqual([])
  })

  test('an id that another team used is neither known nor blocked here', async () => {
    const event = wireEvent({ event_id: '01M84XCG40QJQ9XH0CGA000032' })
    expect(await results(await send([event]))).toEqual(['success'])
    expect(await results(await send([{ ...event, team_slug: '' }], bob))).toEqual(['success'])
  })

  test('oversized: declared, undeclared, compressed', async () => {
    const bytes = Buffer.alloc(1_048_577, 'x')
    const declared = await call('/api/v1/events/batch/', alice, { method: 'POST', body: bytes })
    expect(declared.status).toBe(413)
    const stream = new ReadableStream({
      start: controller => {
        controller.enqueue(bytes)
        controller.close()
      },
    })
    const init = { method: 'POST', body: stream, duplex: 'half' } as RequestInit
    expect((await call('/api/v1/events/batch/', alice, init)).status).toBe(413)
  })

  test('a gzip bomb stops at the limit', async () => {
    // Making a larger one may take longer than an idle connection is kept.
    const bomb = gzipSync(Buffer.alloc(120 * 1024 * 1024))
    expect(bomb.length).toBeLessThan(600_000)
    const before = process.memoryUsage().rss
    const answer = await call('/api/v1/events/batch/', alice, {
      method: 'POST',
      body: bomb,
      headers: { 'content-encoding': 'gzip' },
    })
    expect(answer.status).toBe(413)
    expect(await answer.json()).toHaveProperty('error', 'sync_batch_too_large')
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
  })

  test('deep JSON is refused for the event alone', async () => {
    const depth = 500_000
    const deep = `{"events":[{"payload":${'['.repeat(depth)}${']'.repeat(depth)}}]}`
    const answer = await call('/api/v1/events/batch/', alice, {
      method: 'POST',
      body: gzipSync(deep),
      headers: { 'content-encoding': 'gzip' },
    })
    expect(await results(answer)).toEqual(['rejected'])
  })

  test('a field named like an object method is just an unknown field', async () => {
    const body = `{"events":[${JSON.stringify(wireEvent({ event_id: '01M84XCG40QJQ9XH0CGA000041' })).replace('{', '{"__proto__":{"x":1},')}]}`
    const answer = await call('/api/v1/events/batch/', alice, { method: 'POST', body })
    expect(await results(answer)).not.toContain('success')
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  test('no secret is ever logged, nor kept in the clear', async () => {
    const tokens = await server.login()
    await send([wireEvent({ event_id: '01M84XCG40QJQ9XH0CGA000051' })], tokens.access_token)
    await fetch(`${server.url}/device?user_code=SECRETCODE`)
    const log = JSON.stringify(server.log)
    expect(log).toContain('/api/v1/events/batch/')
    for (const secret of [tokens.access_token, tokens.refresh_token, 'SECRETCODE', 'correct horse', 'skdc_'])
      expect(log).not.toContain(secret)
    const { readFileSync } = await import('node:fs')
    const files = ['sync.db', 'sync.db-wal']
      .map(name => readFileSync(`${server.data}/${name}`, 'latin1'))
      .join('')
    for (const secret of [tokens.access_token, tokens.refresh_token, 'correct horse'])
      expect(files).not.toContain(secret)
  })

  test('an internal error tells the client nothing', async () => {
    const { createSyncApp } = await import('./app.ts')
    const lines: unknown[] = []
    const deps = {
      log: (line: unknown) => lines.push(line),
      fault: (error: Error) => lines.push(error.name),
      clock: { now: () => 0 },
      random: () => new Uint8Array(8),
    }
    const app = createSyncApp(deps as unknown as Parameters<typeof createSyncApp>[0])
    const answer = await app.request('/api/v1/me', { headers: { authorization: 'Bearer secret-token' } })
    expect([answer.status, await answer.json()]).toEqual([500, { error: 'internal' }])
    expect(JSON.stringify(lines)).toContain('TypeError')
    expect(JSON.stringify(lines)).not.toContain('secret-token')
  })
})

test('metrics, for this machine only', async () => {
  const answer = await fetch(`${server.url}/metrics`)
  const text = await answer.text()
  expect(text).toMatch(/spec_kitty_events_total\{result="success"\} [1-9]/)
  expect(text).toContain('route="/api/v1/events/batch/",status="200"')
  expect(text).toContain('spec_kitty_channels 0')
  const proxied = await fetch(`${server.url}/metrics`, { headers: { 'x-forwarded-for': '203.0.113.7' } })
  expect(proxied.status).toBe(404)
})

test('probes', async () => {
  expect(await (await fetch(`${server.url}/health`)).json()).toEqual({ status: 'ok' })
  expect(await (await fetch(`${server.url}/ready`)).json()).toEqual({ status: 'ready' })
  expect((await fetch(`${server.url}/health`)).headers.get('x-request-id')).toMatch(/^[0-9a-f]{16}$/)
  expect((await fetch(server.url, { method: 'HEAD' })).status).toBe(200)
  expect(await (await fetch(`${server.url}/api/v1/health`)).json()).toEqual({ status: 'ok' })
  expect((await fetch(`${server.url}/nothing`)).status).toBe(404)
})
