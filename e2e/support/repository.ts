/** A throw-away repository, and programs that are driven in it as black boxes. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Ours; SK_PROGRAM names another build of it. */
export const PROGRAM = process.env.SK_PROGRAM ?? join(import.meta.dirname, '../../bin/spec-kitty')

export interface Answer {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Repository {
  /** Holds the repository and what lies beside it. */
  readonly dir: string
  readonly root: string
  readonly env: Readonly<Record<string, string>>
  readonly git: (...args: string[]) => string
  readonly write: (path: string, text: string) => void
  /** Commits all there is, if there is anything. */
  readonly commit: (message: string) => void
  readonly run: (words: readonly string[], program?: string) => Answer
  readonly start: (words: readonly string[], program?: string) => ChildProcess
  readonly cleanup: () => void
}

/** With these files (path → text) in one commit on a branch. */
export function createRepository(files: Iterable<readonly [string, string]>, branch = 'work'): Repository {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'spec-kitty-e2e-')))
  const root = join(dir, 'repo')
  const env = environment(dir)
  for (const name of ['repo', 'home']) mkdirSync(join(dir, name))
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, env, encoding: 'utf8' }).trim()
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const commit = (message: string): void => {
    git('add', '-A')
    if (git('status', '--porcelain') !== '') git('commit', '-qm', message)
  }
  git('init', '-q', '-b', branch)
  for (const [path, text] of files) write(path, text)
  commit('fixture')
  const command = (program: string): readonly [string, readonly string[]] =>
    program === PROGRAM ? [process.execPath, [PROGRAM]] : [program, []]
  return {
    dir,
    root,
    env,
    git,
    write,
    commit,
    run: (words, program = PROGRAM) => {
      const [executable, first] = command(program)
      return spawnSync(executable, [...first, ...words], { cwd: root, env, encoding: 'utf8' })
    },
    start: (words, program = PROGRAM) => {
      const [executable, first] = command(program)
      return spawn(executable, [...first, ...words], { cwd: root, env })
    },
    cleanup: () => rmSync(dir, { recursive: true, force: true }),
  }
}

function environment(dir: string): Readonly<Record<string, string>> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: join(dir, 'home'),
    TZ: 'UTC',
    LC_ALL: 'C.UTF-8',
    NO_COLOR: '1',
    SPEC_KITTY_NO_UPGRADE_CHECK: '1',
    SPEC_KITTY_ENABLE_SAAS_SYNC: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Test User',
    GIT_AUTHOR_EMAIL: 'test@example.com',
    GIT_COMMITTER_NAME: 'Test User',
    GIT_COMMITTER_EMAIL: 'test@example.com',
  }
}
