import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createIds } from './ids.ts'
import { createSecrets } from './secrets.ts'
import { createPrivateFiles } from './spool.ts'
import { createWorld, type World } from './testing/world.ts'

let world: World
let dir: string
beforeEach(() => {
  world = createWorld({ git: false })
  dir = `${world.dir}/auth`
})
afterEach(() => world.cleanup())

const secrets = (identity?: string) => createSecrets(dir, createPrivateFiles(), createIds().hex, identity)

describe('the session file', () => {
  test('is sealed, private, and read back with and without the kept key', () => {
    expect(secrets().read()).toBeUndefined()
    secrets().write('{"access_token":"at-1 ü"}')
    expect(secrets().read()).toBe('{"access_token":"at-1 ü"}')
    for (const name of ['session.json', 'session.salt', 'session.key']) {
      expect(statSync(`${dir}/${name}`).mode & 0o777).toBe(0o600)
      expect(readFileSync(`${dir}/${name}`, 'latin1')).not.toContain('at-1')
    }
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    writeFileSync(`${dir}/session.key`, 'stale\nkey\n', { mode: 0o600 })
    expect(secrets().read()).toContain('at-1')
    secrets().remove()
    expect([secrets().read(), existsSync(`${dir}/session.salt`)]).toEqual([undefined, false])
  })

  test('every write has its own nonce', () => {
    secrets().write('same')
    const first = readFileSync(`${dir}/session.json`, 'utf8')
    secrets().write('same')
    expect(readFileSync(`${dir}/session.json`, 'utf8')).not.toBe(first)
  })

  test.each([
    ['readable by others', () => chmodSync(`${dir}/session.json`, 0o640), /chmod 600|read by others/],
    ['damaged', () => writeFileSync(`${dir}/session.json`, '{"nonce":"00","ciphertext":"00"}'), /damaged/],
    ['not a session', () => writeFileSync(`${dir}/session.json`, '[]'), /not a session file/],
  ])('%s: refused with a remedy', (_, spoil, message) => {
    secrets().write('x')
    spoil()
    expect(() => secrets().read()).toThrow(message)
  })

  test('of another machine: refused', () => {
    secrets('there:0').write('x')
    expect(() => secrets('here:0').read()).toThrow(/another machine/)
  })

  test('without its salt: refused', () => {
    secrets().write('x')
    execFileSync('rm', [`${dir}/session.salt`])
    expect(() => secrets().read()).toThrow(/salt/)
  })
})

test('is what the recipe of the Python edition gives', () => {
  // Computed here by Python's own scrypt where there is one with hashlib.scrypt.
  secrets('box:1000').write('plain')
  const salt = readFileSync(`${dir}/session.salt`).toString('hex')
  const key = readFileSync(`${dir}/session.key`, 'utf8').split('\n')[1]
  const program = `import hashlib;print(hashlib.scrypt(b"box:1000",salt=bytes.fromhex("${salt}"),n=16384,r=8,p=1,dklen=32).hex())`
  expect(execFileSync('python3', ['-c', program], { encoding: 'utf8' }).trim()).toBe(key)
})
