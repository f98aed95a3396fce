/** `commits: phase`: README's quick start leaves five commits of bookkeeping at most, and loses nothing. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { readQuickStart, root } from '../support/quick-start.ts'

const place = realpathSync(mkdtempSync(join(tmpdir(), 'spec-kitty-quiet-')))
afterAll(() => rmSync(place, { recursive: true, force: true }))

it('commits once for each phase of a mission', () => {
  mkdirSync(join(place, 'home'))
  writeFileSync(join(place, 'gitconfig'), '[user]\n\tname = New Comer\n\temail = new@example.com\n')
  const env = {
    PATH: `${join(root, 'bin')}:${process.env.PATH ?? ''}`,
    HOME: join(place, 'home'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: join(place, 'gitconfig'),
    TERM: 'dumb',
  }
  const quiet = "echo 'commits: phase' >> .kittify/config.yaml && git commit -qam 'Quiet history'"
  const commands = readQuickStart().flatMap(command => {
    if (/spec-kitty init/.test(command)) return [command, quiet]
    return command === 'spec-kitty merge' ? ['spec-kitty accept', command] : [command]
  })
  expect(commands).toContain(quiet)
  const script = `set -ev\n${commands.join('\n')}\n`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: place, env, encoding: 'utf8' })
  expect(status, `${stdout.slice(-3000)}\n${stderr.slice(-3000)}`).toBe(0)
  const git = (...args: string[]) =>
    spawnSync('git', args, { cwd: join(place, 'hello'), env, encoding: 'utf8' }).stdout.trim()
  expect(git('status', '--porcelain')).toBe('')
  const subjects = git('log', '--first-parent', '--format=%s').split('\n')
  expect(subjects.slice(0, subjects.indexOf('Quiet history')).toReversed()).toEqual([
    expect.stringMatching(/^Add meta/),
    expect.stringMatching(/^Add plan/),
    expect.stringMatching(/^Add tasks/),
    expect.stringMatching(/^Accept/),
    expect.stringMatching(/^feat/),
  ])
  const board = spawnSync('bash', ['-c', 'spec-kitty status --json'], {
    cwd: join(place, 'hello'),
    env,
    encoding: 'utf8',
  })
  expect(JSON.parse(board.stdout)).toMatchObject({ done_count: 2 })
}, 120_000)
