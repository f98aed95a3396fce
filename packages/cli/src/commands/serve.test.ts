import { join } from 'node:path'
import { Serve, ServeUserAdd } from '@spec-kitty/contracts/cli/serve'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

let world: World
beforeEach(() => {
  world = createWorld({ git: false })
})
afterEach(() => world.cleanup())

const stopped = async (url: string): Promise<boolean> => {
  for (let i = 0; i < 100; i++) {
    try {
      await fetch(url)
    } catch {
      return true
    }
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return false
}

test('says where it listens in one document, answers, and stops at SIGTERM', async () => {
  const { status, json, stderr } = await runCli(world, ['serve', '--data', 'data', '--port', '0', '--json'])
  expect(status).toBe(0)
  const document = v.parse(Serve, json)
  expect(document).toMatchObject({ url: document.listening, data: join(world.root, 'data') })
  expect((await fetch(document.url)).status).toBe(200)
  process.emit('SIGTERM')
  expect(await stopped(document.url)).toBe(true)
  expect(stderr).toBe('')
})

test('logs one line per request unless it is told to be quiet', async () => {
  for (const [flags, lines] of [
    [[], 1],
    [['--quiet'], 0],
  ] as const) {
    const errors: string[] = []
    const { main } = await import('../main.ts')
    const { createStyle } = await import('../style.ts')
    let out = ''
    await main(['serve', '--data', 'data', '--port', '0', '--json', ...flags], {
      out: text => {
        out += text
      },
      err: text => void errors.push(text),
      style: createStyle(false, 80),
      interactive: () => false,
      ports: async note => ({ ...world.ports, note }),
    })
    const { url } = JSON.parse(out)
    await fetch(`${url}/device?user_code=SECRET`)
    process.emit('SIGINT')
    expect(await stopped(url)).toBe(true)
    expect(errors).toHaveLength(lines)
    if (lines > 0)
      expect(JSON.parse(errors[0] ?? '')).toMatchObject({ method: 'GET', path: '/device', status: 200 })
    expect(errors.join('')).not.toContain('SECRET')
  }
})

test('text names the variables that clients need; a proxy is asked for beyond loopback', async () => {
  const words = ['serve', '--data', 'data', '--port', '0', '--host', '0.0.0.0', '--quiet']
  const { stdout, stderr } = await runCli(world, words)
  process.emit('SIGTERM')
  expect(stdout).toMatch(/SPEC_KITTY_SAAS_URL=http:\/\/0\.0\.0\.0:\d+/)
  expect(stderr).toContain('proxy with TLS')
  const proxied = await runCli(world, [...words, '--public-url', 'https://sync.example.com/'])
  process.emit('SIGTERM')
  expect(proxied.stdout).toContain('SPEC_KITTY_SAAS_URL=https://sync.example.com\n')
  expect(proxied.stderr).toBe('')
})

test.each([
  [['--port', '70000'], '--port 70000'],
  [['--public-url', 'sync.example.com'], '--public-url sync.example.com'],
  [['--public-url', 'https://x/path'], '--public-url https://x/path'],
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
