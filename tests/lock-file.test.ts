/** A fresh clone installs with `npm ci`, and `npm install` leaves the lock file as it is. npm is asked, the registry is not. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { root } from './source.ts'

let clone: string
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'spec-kitty-lock-'))
  const workspaces = [...readdirSync(join(root, 'packages')).map(name => `packages/${name}`), 'e2e']
  for (const path of ['package-lock.json', ...['.', ...workspaces].map(folder => `${folder}/package.json`)])
    cpSync(join(root, path), join(clone, path), { recursive: true })
})
afterAll(() => rmSync(clone, { recursive: true, force: true }))

// Whatever `npm test --silent` hands down.
const npm = (...words: readonly string[]) =>
  execFileSync('npm', [...words, '--offline', '--ignore-scripts', '--loglevel=notice'], {
    cwd: clone,
    encoding: 'utf8',
  })
const lock = (directory: string) => readFileSync(join(directory, 'package-lock.json'), 'utf8')

it('npm ci takes the lock file', () => {
  expect(npm('ci', '--dry-run')).toMatch(/added \d+ packages/)
})

it('npm install changes nothing in it', context => {
  // npm 10 drops which C library a package is for.
  if (npm('--version').startsWith('10.')) context.skip()
  npm('install', '--package-lock-only')
  expect(lock(clone)).toBe(lock(root))
})
