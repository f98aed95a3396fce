import { join } from 'node:path'
import { Serve, ServeUserAdd } from '@spec-kitty/contracts/cli/serve'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { main } from '../main.ts'
import { createStyle } from '../style.ts'
import { runCli } from '../testing/run-cli.ts'

let world: World
beforeEach(() => {
  world = createWorld({ git: false })
})
afterEach(() => world.cleanup())

interface Running {
  readonly url: string
  readonly out: string
  readonly err: readonly string[]
  /** Sends the signal and answers the exit status. */
  readonly stop: (signal: 'SIGINT' | 'SIGTERM') => Promise<number>
}

/** Runs `serve` until it has said where it listens. */
async function serve(...flags: readonly string[]): Promise<Running> {
  const errors: string[] = []
  let ended: Promise<number> | undefined
  const out = await new Promise<string>(resolve => {
    ended = main(['serve', '--data', 'data', '--port', '0', ...flags], {
      out: resolve,
      err: text => void errors.push(text),
      style: createStyle(false, 80),
      errorStyle: createStyle(false, 80),
      interactive: () => false,
      terminal: () => Promise.reject(new Error('no terminal')),
      ports: async note => ({ ...world.ports, note }),
    })
  })
  return {
    url: /http:\/\/[\w.]+:\d+/.exec(out)?.[0] ?? '',
    out,
    err: errors,
    stop: async signal => {
      process.emit(signal)
      return (await ended) ?? -1
    },
  }
}

test('says where it listens in one document, answers, and stops at SIGTERM', async () => {
  const running = await serve('--json')
  const document = v.parse(Serve, JSON.parse(running.out))
  expect(document).toMatchObject({ url: document.listening, data: join(world.root, 'data') })
  expect((await fetch(document.url)).status).toBe(200)
  expect(await running.stop('SIGTERM')).toBe(0)
  await expect(fetch(document.url)).rejects.toThrow('fetch failed')
})

test.each([
  [[], 1],
  [['--quiet'], 0],
])('%j: log lines of one request: %i', async (flags, lines) => {
  const running = await serve('--json', ...flags)
  await fetch(`${running.url}/device?user_code=SECRET`)
  expect(await running.stop('SIGINT')).toBe(0)
  expect(running.err).toHaveLength(lines)
  for (const line of running.err)
    expect(JSON.parse(line)).toMatchObject({ method: 'GET', path: '/device', status: 200 })
  expect(running.err.join('')).not.toContain('SECRET')
})

test('text names the variables that clients need; a proxy is asked for beyond loopback', async () => {
  const open = await serve()
  await open.stop('SIGTERM')
  expect(open.out).toMatch(/SPEC_KITTY_SAAS_URL=http:\/\/127\.0\.0\.1:\d+/)
  const proxied = await serve('--host', '0.0.0.0', '--public-url', 'https://sync.example.com/')
  await proxied.stop('SIGTERM')
  expect(proxied.out).toContain('SPEC_KITTY_SAAS_URL=https://sync.example.com\n')
  expect(proxied.err).toEqual([])
})

test.each([
  [['--port', '70000'], '--port 70000'],
  [['--public-url', 'sync.example.com'], '--public-url sync.example.com'],
  [['--public-url', 'https://x/path'], '--public-url https://x/path'],
  [['--host', '0.0.0.0'], '--host 0.0.0.0 needs --public-url'],
])('usage: %j', async (flags, word) => {
  const { status, json } = await runCli(world, ['serve', '--data', 'data', ...flags, '--json'])
  expect(status).toBe(2)
  expect(json).toMatchObject({ code: 'usage', error: expect.stringContaining(word) })
  expect(world.exists('data')).toBe(false)
})

test('user add: a password is made and shown once; a taken name is refused', async () => {
  const words = [
    'serve',
    'user',
    'add',
    'alice',
    '--data',
    'data',
    '--team',
    'platform',
    '--team',
    'platform',
  ]
  const { status, json } = await runCli(world, [...words, '--json'])
  expect(status).toBe(0)
  const added = v.parse(ServeUserAdd, json)
  expect(added).toMatchObject({ name: 'alice', private_team: 'private-alice', teams: ['platform'] })
  expect(added.password).toMatch(/^\S{20}$/)
  const again = await runCli(world, [...words, '--json'])
  expect([again.status, again.json]).toEqual([1, expect.objectContaining({ code: 'invalid_input' })])
  const text = await runCli(world, ['serve', 'user', 'add', 'bob', '--data', 'data'])
  expect(text.stdout).toMatch(/^Added bob \(team private-bob\)\.\nPassword, shown only now: \S{20}\n$/)
})
