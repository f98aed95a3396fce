import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isOptedIn, readAddress, readSyncConfig } from './config.ts'
import { isSyncOn, requireSync } from './switch.ts'

let world: World
beforeEach(() => {
  world = createWorld({ git: false })
})
afterEach(() => world.cleanup())

const config = (text: string, env: Record<string, string> = {}) => {
  world.write(`${world.home}/.spec-kitty/config.toml`, text)
  return readSyncConfig(world.at('.', env), `${world.home}/.spec-kitty`)
}

test('environment before configuration before none', () => {
  expect(config('')).toMatchObject({ server: null, source: null, problem: null, maxQueue: 100_000 })
  const file = '[sync]\nserver_url = "https://file.example/base/"\nmax_queue_size = 7\n'
  expect(config(file)).toMatchObject({
    server: 'https://file.example/base',
    source: 'configuration',
    maxQueue: 7,
  })
  expect(config(file, { SPEC_KITTY_SAAS_URL: 'http://127.0.0.1:80/' })).toMatchObject({
    server: 'http://127.0.0.1',
    source: 'environment',
  })
})

describe('addresses', () => {
  test.each(['https://x.example', 'http://localhost:1', 'http://[::1]:2', 'http://127.9.9.9'])(
    '%s is fine',
    text => {
      expect(readAddress(text).problem).toBeNull()
    },
  )
  test.each([
    ['http://x.example', /this machine only/],
    ['http://127.0.0.1.evil.example', /this machine only/],
    ['ftp://x', /https/],
    ['nonsense', /https/],
    ['https://u:p@x.example', /password/],
    ['https://x.example/?a=1', /query/],
  ])('%s is refused', (text, why) => {
    expect(readAddress(text)).toMatchObject({ server: null, problem: expect.stringMatching(why) })
  })
})

test('the checkout speaks before the repository, and silence means yes', () => {
  const file =
    '[sync.checkout_overrides."/here"]\nenabled = true\n[sync.repo_defaults."o/r"]\nenabled = false\n'
  const read = config(file)
  expect([
    isOptedIn(read, '/here', 'o/r'),
    isOptedIn(read, '/there', 'o/r'),
    isOptedIn(read, '/there', null),
  ]).toEqual([true, false, true])
})

test('the switch', () => {
  const on = (value?: string) => isSyncOn({ get: () => value })
  expect(['1', ' TRUE ', 'yes', 'on'].every(on)).toBe(true)
  expect(['', '0', 'no', undefined].some(on)).toBe(false)
  expect(() => requireSync({ get: () => '0' })).toThrow(/not enabled/)
})
