/** docs/tutorial.md, word by word, against the built program. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { readCommands, root } from '../support/quick-start.ts'

const place = realpathSync(mkdtempSync(join(tmpdir(), 'spec-kitty-tutorial-')))
const home = join(place, 'home')
afterAll(() => rmSync(place, { recursive: true, force: true }))

it('leads from a repository with numbers to the merged report', () => {
  mkdirSync(home)
  writeFileSync(join(place, 'gitconfig'), '[user]\n\tname = New Comer\n\temail = new@example.com\n')
  const env = {
    PATH: `${join(root, 'bin')}:${process.env.PATH ?? ''}`,
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: join(place, 'gitconfig'),
    TERM: 'dumb',
  }
  // One shell, as a person has it; `set -e` stops at the first command that fails, `-v` shows which one it was.
  const script = `set -ev\n${readCommands('docs/tutorial.md').join('\n')}\n`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: place, env, encoding: 'utf8' })
  expect(status, `${stdout.slice(-3000)}\n${stderr.slice(-3000)}`).toBe(0)
  expect(stdout).toMatch(/^18$/m)
  expect(readdirSync(home)).toEqual([])
  const git = (...args: string[]) =>
    spawnSync('git', args, { cwd: join(place, 'numbers'), env, encoding: 'utf8' }).stdout.trim()
  expect(git('status', '--porcelain')).toBe('')
  expect(git('branch', '--format=%(refname:short)')).toBe('main')
  expect(
    spawnSync('node', ['src/report.mjs'], { cwd: join(place, 'numbers'), encoding: 'utf8' }).stdout,
  ).toBe('18\n')
}, 120_000)
