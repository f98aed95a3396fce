import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { onStopSignal, systemRandom } from './process.ts'
import { openStore, startServer } from './serve.ts'
import { startTestServer } from './testing/start.ts'
import { addUser } from './users.ts'

const directories: string[] = []
const scratch = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'spec-kitty-serve-'))
  directories.push(directory)
  return directory
}
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
})

test('makes its data directory for the owner alone, and keeps sessions over a restart on the same port', async () => {
  const first = await startTestServer()
  expect(statSync(first.data).mode & 0o777).toBe(0o700)
  const { access_token } = await first.login()
  await first.close()
  await first.close()
  // fetch keeps connections; let it notice that the server has closed this one.
  await new Promise(resolve => setTimeout(resolve, 50))
  const again = await startTestServer({ port: Number(new URL(first.url).port), data: first.data })
  const answer = await fetch(`${first.url}/api/v1/me`, {
    headers: { authorization: `Bearer ${access_token}` },
  })
  expect(answer.status).toBe(200)
  await again.cleanup()
})

test('a port in use is a refusal with a remedy', async () => {
  const first = await startServer({ data: scratch(), host: '127.0.0.1', port: 0, log: () => {} })
  const port = Number(new URL(first.url).port)
  await expect(
    startServer({ data: scratch(), host: '127.0.0.1', port, log: () => {} }),
  ).rejects.toMatchObject({
    code: 'io_failed',
    message: `Port ${port} on 127.0.0.1 is in use.`,
  })
  await expect(
    startServer({ data: scratch(), host: '203.0.113.1', port, log: () => {} }),
  ).rejects.toMatchObject({
    code: 'io_failed',
    hint: 'Check --host and --port.',
  })
  await first.close()
})

test('a data directory that cannot be made is a refusal', async () => {
  const file = join(scratch(), 'file')
  writeFileSync(file, '')
  await expect(openStore({ data: join(file, 'data') })).rejects.toMatchObject({ code: 'io_failed' })
})

test('the public address is what clients are told', async () => {
  const data = scratch()
  const server = await startServer({
    data,
    host: '127.0.0.1',
    port: 0,
    publicUrl: 'https://sync.example.com',
    log: () => {},
  })
  const answer = await fetch(`${server.url}/oauth/device`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'cli_native' }),
  })
  expect(await answer.json()).toHaveProperty('verification_uri', 'https://sync.example.com/device')
  await server.close()
})

test('users: generated password, given password, and what is refused', async () => {
  const store = await openStore({ data: scratch() })
  const make = (name: string, change: object = {}) =>
    addUser(store, systemRandom, { name, teams: [], ...change })
  const made = await make('alice')
  expect(made.generatedPassword).toMatch(/^[\w-]{20}$/)
  expect(made).toMatchObject({ privateTeam: 'private-alice', user: { email: 'alice@localhost' } })
  const given = await make('bob@example.com', { password: 'long enough', teams: ['platform'] })
  expect(given.generatedPassword).toBeUndefined()
  expect(given.user.email).toBe('bob@example.com')
  for (const [name, change, word] of [
    ['alice', {}, 'taken'],
    ['ALICE', {}, 'taken'],
    ['a b', {}, 'no user name'],
    ['-x', {}, 'no user name'],
    ['eve', { password: 'short' }, 'shorter than 8'],
    ['eve', { teams: ['private-alice'] }, 'no team name'],
  ] as const) {
    await expect(make(name, change)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(word),
    })
  }
  await store.close()
})

test('a signal calls stop once, then the process is its own again', () => {
  let stopped = 0
  const before = process.listenerCount('SIGTERM')
  onStopSignal(() => stopped++)
  process.emit('SIGTERM')
  expect(stopped).toBe(1)
  expect(process.listenerCount('SIGTERM')).toBe(before)
  expect(process.listenerCount('SIGINT')).toBe(before)
})
