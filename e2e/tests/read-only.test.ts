/** Every reading command works where nothing can be written, and leaves every byte as it was. */
import { type SpawnSyncOptions, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMissionRepository, type MissionRepository, SLUG } from '../support/mission-repository.ts'
import { PROGRAM } from '../support/repository.ts'

/** Reading commands and the exit statuses that are answers. */
const READERS: readonly (readonly [command: string, statuses: readonly number[]])[] = [
  [`agent status validate --mission ${SLUG}`, [0]],
  [`agent status doctor --mission ${SLUG}`, [0, 1]],
  [`agent status lifecycle --mission ${SLUG}`, [0]],
  // A writer, but here there is nothing to write.
  [`agent status materialize --mission ${SLUG}`, [0]],
  [`agent tasks status --mission ${SLUG}`, [0]],
  [`agent tasks list-tasks --mission ${SLUG}`, [0]],
  [`agent tasks list-dependents WP01 --mission ${SLUG}`, [0]],
  [`agent tasks validate-workflow WP01 --mission ${SLUG}`, [0, 1]],
  [`agent mission branch-context`, [0]],
  [`agent mission check-prerequisites --mission ${SLUG}`, [0, 1]],
  ['mission list', [0]],
  [`mission info --mission ${SLUG}`, [0]],
  ['mission current', [0]],
  ['mission-type list', [0]],
  [`merge --dry-run --mission ${SLUG}`, [0, 1]],
  [`next --mission ${SLUG}`, [0, 1]],
  ['context list', [0]],
  ['where', [0]],
  ['--version', [0]],
  ['--help', [0]],
]

/** Root may write anywhere: then the commands run as nobody. */
const asRoot = process.getuid?.() === 0
let repo: MissionRepository

beforeAll(() => {
  repo = createMissionRepository(['WP01', 'WP02'])
  repo.run(['agent', 'status', 'materialize', '--mission', SLUG])
  writeFileSync(join(repo.root, '.gitignore'), '.worktrees/\n')
  repo.git('add', '-A')
  repo.git('commit', '-qm', 'snapshot')
  // Nobody must be able to enter, and git to believe that the repository is his.
  for (const path of [repo.dir, ...walk(repo.dir)]) {
    const { mode } = lstatSync(path)
    chmodSync(path, (mode & ~0o222) | (mode & 0o100 ? 0o555 : 0o444))
  }
})

afterAll(() => {
  for (const path of [repo.dir, ...walk(repo.dir)]) if (lstatSync(path).isDirectory()) chmodSync(path, 0o755)
  repo.cleanup()
})

function walk(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap(entry => {
    const path = join(directory, entry.name)
    return entry.isDirectory() ? [path, ...walk(path)] : [path]
  })
}

/** Names, modes, times and contents of everything below the directory. */
function fingerprint(directory: string): string {
  const hash = createHash('sha256')
  for (const path of walk(directory)) {
    const stat = lstatSync(path)
    hash.update(`${relative(directory, path)} ${stat.mode} ${stat.mtimeMs}\n`)
    if (stat.isFile()) hash.update(readFileSync(path))
  }
  return hash.digest('hex')
}

function read(command: string) {
  const env = {
    ...repo.env,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
  }
  const options: SpawnSyncOptions = { cwd: repo.root, env, ...(asRoot ? { uid: 65_534, gid: 65_534 } : {}) }
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [PROGRAM, ...command.split(' '), '--json'],
    options,
  )
  return { status, stdout: String(stdout), stderr: String(stderr) }
}

describe('a repository that cannot be written to', () => {
  it('really cannot be written to', () => {
    const words = ['-e', `require('fs').writeFileSync(${JSON.stringify(join(repo.root, 'x'))}, '')`]
    const options = asRoot ? { uid: 65_534, gid: 65_534 } : {}
    expect(spawnSync(process.execPath, words, options).status).not.toBe(0)
  })

  it.for(READERS)('%s', ([command, statuses], { skip }) => {
    const before = fingerprint(repo.dir)
    const { status, stdout } = read(command)
    const document = JSON.parse(stdout) as { readonly code?: string; readonly error?: string }
    skip(document.error?.startsWith('No such command') === true, 'this command is not built yet')
    expect([command, statuses.includes(status ?? -1), stdout]).toEqual([command, true, expect.any(String)])
    expect(['io_failed', 'internal', 'git_failed', 'lock_busy']).not.toContain(document.code)
    expect(fingerprint(repo.dir)).toBe(before)
  })

  it('a writing command says in one sentence why it cannot', () => {
    const { status, stdout } = read(`agent status emit WP01 --to claimed --actor a --mission ${SLUG}`)
    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ code: 'io_failed', hint: expect.any(String) })
  })
})
