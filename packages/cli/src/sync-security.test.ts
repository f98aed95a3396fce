/** What the client does with secrets and with a server that means harm (security). */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createFaultProxy, type Fault, type FaultProxy } from '@spec-kitty/server/testing/fault-proxy'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSyncWorld, type RunOptions, type SyncWorld } from './testing/sync-world.ts'
import { emitWords } from './testing/words.ts'

const ESC = '\u001b'
let sync: SyncWorld
let other: FaultProxy
beforeEach(async () => {
  sync = await createSyncWorld()
  other = await createFaultProxy(sync.server.url)
})
afterEach(async () => {
  await other.close()
  await sync.cleanup()
})

const emit = (how: RunOptions = {}) => sync.run(emitWords('WP01', 'claimed'), { fast: true, ...how })
const tokens = async (): Promise<readonly string[]> => {
  const session = JSON.parse((await sync.ports().sync()).secrets.read() ?? '{}')
  return [session.access_token, session.refresh_token]
}

describe('a token goes to its own host only', () => {
  test('another address in the environment gets no request at all', async () => {
    const result = await emit({ env: { SPEC_KITTY_SAAS_URL: other.url } })
    expect([result.status, result.codes]).toEqual([0, ['sync.server_auth_failure']])
    expect(result.stderr).toContain(`The login is for ${sync.proxy.url}`)
    expect(other.requests).toEqual([])
    const now = await sync.run(['sync', 'now', '--json'], { env: { SPEC_KITTY_SAAS_URL: other.url } })
    expect([now.status, other.requests]).toEqual([1, []])
  })

  test('another address in the configuration neither', async () => {
    sync.world.write(`${sync.home}/config.toml`, `[sync]\nserver_url = "${other.url}"\n`)
    expect((await emit()).stderr).toBe('')
    expect((await emit({ env: { SPEC_KITTY_SAAS_URL: '' } })).status).toBe(1)
    await sync.run(['sync', 'now', '--json'], { env: { SPEC_KITTY_SAAS_URL: '' } })
    expect(other.requests).toEqual([])
  })

  test.each(['/api/v1/events/batch/', '/oauth/token', '/api/dossier/push-content/'])(
    'a redirect of %s is not followed',
    async path => {
      await sync.proxy.set(
        { kind: 'status', status: 401 },
        { path: '/api/v1/events/batch/', times: path === '/oauth/token' ? 9 : 0 },
      )
      await sync.proxy.add({ kind: 'redirect', to: `${other.url}${path}` }, { path })
      const result = await emit()
      expect([result.status, result.codes]).toEqual([0, ['sync.server_auth_failure']])
      expect(other.requests).toEqual([])
    },
  )

  test('a realtime address at another host is not used', async () => {
    const change = (answer: unknown) => ({ ...(answer as object), ws_url: 'ws://evil.example/ws' })
    await sync.proxy.set({ kind: 'rewrite', change }, { path: '/api/v1/ws-token' })
    const result = await sync.run(['sync', 'watch', '--seconds', '1', '--every', '1', '--json'], {
      fast: true,
    })
    expect(result.stderr).toContain('another host')
  })
})

describe('hostile answers neither crash nor reach the terminal raw', () => {
  const hostile: readonly (readonly [string, Fault])[] = [
    [
      'ANSI in an error',
      { kind: 'status', status: 500, body: { error: `${ESC}[31mred${ESC}]0;title\u0007`, message: 'a\nb' } },
    ],
    ['ANSI in a 400', { kind: 'status', status: 400, body: { error: `${ESC}[2J` } }],
    ['a huge body', { kind: 'huge', bytes: 20_000_000 }],
    ['deep JSON', { kind: 'garbage', text: '['.repeat(500_000) }],
    [
      'deep JSON that is whole',
      { kind: 'garbage', text: `{"results":${'['.repeat(300_000)}${']'.repeat(300_000)}}` },
    ],
    ['no JSON', { kind: 'garbage' }],
    ['not HTTP', { kind: 'not_http' }],
    ['results of the wrong shape', { kind: 'garbage', text: '{"results":{"a":1}}' }],
    ['an endless wait', { kind: 'status', status: 429, headers: { 'retry-after': '99999999' } }],
  ]
  test.each(hostile)('%s', async (_, fault) => {
    await sync.proxy.set(fault, { path: '/api/v1/events/batch/' })
    const result = await emit()
    expect([result.status, result.codes]).toEqual([0, ['sync.server_auth_failure']])
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(result.stderr.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
    expect(result.stderr.length).toBeLessThan(500)
    expect(result.budgets).toEqual([5_000])
  })

  test('refusals of events are shown without their control characters', async () => {
    const change = (answer: unknown) => ({
      results: (answer as { results: object[] }).results.map(each => ({
        ...each,
        status: 'rejected',
        error_message: `${ESC}[31minvalid${ESC}[0m field Bearer sk-secret`,
      })),
    })
    await sync.proxy.set({ kind: 'rewrite', change }, { path: '/api/v1/events/batch/' })
    const shown = [await emit(), await sync.run(['sync', 'now']), await sync.run(['sync', 'diagnose'])]
    for (const { stdout, stderr } of shown) {
      expect(stdout + stderr).not.toContain(ESC)
      expect(stdout + stderr).not.toContain('sk-secret')
    }
  })
})

test('no token in output, in the spool or in any file outside auth', async () => {
  await sync.proxy.set({ kind: 'status', status: 500 }, { path: '/api/v1/events/batch/' })
  const said = await Promise.all([
    emit(),
    sync.run(['auth', 'status', '--json']),
    sync.run(['auth', 'doctor', '--json']),
    sync.run(['sync', 'status', '--json']),
    sync.run(['sync', 'doctor', '--json']),
  ])
  const secrets = await tokens()
  const texts = said.flatMap(({ stdout, stderr }) => [stdout, stderr])
  for (const path of filesBelow(sync.world.dir)) texts.push(readFileSync(path, 'latin1'))
  for (const secret of secrets) expect(texts.filter(text => text.includes(secret))).toEqual([])
})

test('everything below the home of sync is for its owner only', async () => {
  await sync.proxy.set({ kind: 'refuse' })
  await emit()
  for (const path of filesBelow(sync.home)) expect([path, statSync(path).mode & 0o077]).toEqual([path, 0])
  for (const name of ['', 'auth', 'sync']) expect(statSync(join(sync.home, name)).mode & 0o777).toBe(0o700)
})

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(each => each.isFile())
    .map(each => join(each.parentPath, each.name))
}
