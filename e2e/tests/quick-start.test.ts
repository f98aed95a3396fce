/** README's quick start, word by word, as a stranger would type it, against the built program. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { countCalls, readQuickStart, root } from '../support/quick-start.ts'

const place = realpathSync(mkdtempSync(join(tmpdir(), 'spec-kitty-quick-start-')))
const home = join(place, 'home')
const repo = join(place, 'work', 'hello')
const gitConfig = '[user]\n\tname = New Comer\n\temail = new@example.com\n'

/** Nothing of the developer's machine: a fresh HOME with what git needs, our program and the tools on PATH. */
const env = {
  PATH: `${join(root, 'bin')}:${process.env.PATH ?? ''}`,
  HOME: home,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: join(place, 'gitconfig'),
  TERM: 'dumb',
}

afterAll(() => rmSync(place, { recursive: true, force: true }))

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: repo, env, encoding: 'utf8' }).trim()

/** Runs one command in the directory the last one left; resolves with where it ended. */
function type(
  command: string,
  cwd: string,
): { readonly status: number | null; readonly output: string; readonly cwd: string } {
  const where = join(place, 'cwd')
  const script = `${command}\nstatus=$?\npwd > '${where}'\nexit $status`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd, env, encoding: 'utf8' })
  return { status, output: stdout + stderr, cwd: readFileSync(where, 'utf8').trim() }
}

describe("README's quick start", () => {
  const commands = readQuickStart()

  it('takes fewer than 15 commands of ours', () => {
    const calls = commands.reduce((sum, command) => sum + countCalls(command), 0)
    expect(calls).toBeGreaterThan(10)
    expect(calls).toBeLessThan(15)
  })

  it('leads from an empty directory to a merged mission', () => {
    for (const directory of [home, join(place, 'work')]) mkdirSync(directory)
    execFileSync('bash', [
      '-c',
      `printf '${gitConfig.replaceAll('\n', '\\n')}' > '${join(place, 'gitconfig')}'`,
    ])
    let cwd = join(place, 'work')
    for (const command of commands) {
      const done = type(command, cwd)
      cwd = done.cwd
      expect(done.status, `${command}\n${done.output}`).toBe(0)
      expect(readdirSync(home), `${command}: nothing new in HOME`).toEqual([])
      if (countCalls(command) > 0) expect(git('status', '--porcelain'), `${command}: clean tree`).toBe('')
    }
  }, 120_000)

  it('leaves both work packages on main, done', () => {
    expect(git('symbolic-ref', '--short', 'HEAD')).toBe('main')
    expect(execFileSync('node', [join(repo, 'src/hello.mjs')], { encoding: 'utf8' })).toBe('Hello, world!\n')
    const board = type('spec-kitty agent tasks status --json', repo)
    const { work_packages: rows } = JSON.parse(board.output)
    expect(rows.map((row: { id: string; lane: string }) => [row.id, row.lane])).toEqual([
      ['WP01', 'done'],
      ['WP02', 'done'],
    ])
  })

  it('leaves no branch, no worktree, no link and no absolute path', () => {
    expect(git('for-each-ref', '--format=%(refname)', 'refs/heads')).toBe('refs/heads/main')
    expect(git('worktree', 'list', '--porcelain').match(/^worktree /gm)).toHaveLength(1)
    expect(existsSync(join(repo, '.worktrees')) ? readdirSync(join(repo, '.worktrees')) : []).toEqual([])
    for (const path of git('ls-files').split('\n')) {
      expect(lstatSync(join(repo, path)).isFile(), path).toBe(true)
      expect(readFileSync(join(repo, path), 'utf8'), path).not.toContain(place)
    }
  })
})
