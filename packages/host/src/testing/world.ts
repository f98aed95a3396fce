/** A throw-away world for tests: own HOME, a real git repository, a ticking fixed clock, counted ids. */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { formatMicros } from '@spec-kitty/contracts/time'
import type { Clock, Ports } from '@spec-kitty/core/world/ports'
import { createIds } from '../ids.ts'
import { createPorts } from '../ports.ts'

export interface World {
  /** The temporary directory; holds `home` and `repo`. */
  readonly dir: string
  /** Top of the repository. */
  readonly root: string
  readonly home: string
  readonly env: Readonly<Record<string, string>>
  /** Standing in the repository's top. */
  readonly ports: Ports
  /** Lines given to `ports.note`, in order. */
  readonly notes: readonly string[]
  /** The same world seen from another directory, absolute or relative to the top; shares clock and ids. */
  readonly at: (cwd: string, env?: Readonly<Record<string, string>>) => Ports
  /** Runs git in the repository; answers stdout, trimmed. Throws when git fails. */
  readonly git: (...args: string[]) => string
  /** Runs git in another directory, absolute or relative to the top. */
  readonly gitAt: (cwd: string, ...args: string[]) => string
  /** Writes a file relative to the top (or absolute), with its directories. */
  readonly write: (path: string, content: string | Uint8Array) => void
  /** Text of a file relative to the top (or absolute). */
  readonly read: (path: string) => string
  readonly exists: (path: string) => boolean
  /** Commits everything; answers the commit id. */
  readonly commit: (message?: string) => string
  readonly cleanup: () => void
}

export interface WorldOptions {
  /** Default `main`. */
  readonly branch?: string
  /** False: the repository directory is made but is no git repository. */
  readonly git?: boolean
  readonly env?: Readonly<Record<string, string>>
  /** Name of the repository's directory; default `repo`. */
  readonly name?: string
}

/** 2026-02-03T04:05:06Z, in microseconds. */
const START_MICROS = 1_770_091_506_000_000
const FIXED_DATE = '2026-02-03T04:05:06Z'

/** Call `cleanup()` afterwards. `SPEC_KITTY_KEEP_WORLDS=1` keeps the directory for a look. */
export function createWorld(options: WorldOptions = {}): World {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'spec-kitty-world-')))
  const root = join(dir, options.name ?? 'repo')
  const home = join(dir, 'home')
  mkdirSync(root)
  mkdirSync(home)
  const env = { ...hermeticEnv(home), ...options.env }
  const gitAt = (cwd: string, ...args: string[]) =>
    execFileSync('git', args, {
      cwd: join2(root, cwd),
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  const git = (...args: string[]) => gitAt(root, ...args)
  if (options.git !== false) initialise(root, options.branch ?? 'main')

  const notes: string[] = []
  const shared = { clock: tickingClock(), ids: countingIds() }
  const at = (cwd: string, more: Readonly<Record<string, string>> = {}): Ports => ({
    ...createPorts({ cwd: join2(root, cwd), env: { ...env, ...more }, note: line => void notes.push(line) }),
    ...shared,
  })
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join2(root, path)), { recursive: true })
    writeFileSync(join2(root, path), content)
  }
  return {
    dir,
    root,
    home,
    env,
    ports: at(root),
    notes,
    at,
    git,
    gitAt,
    write,
    read: path => readFileSync(join2(root, path), 'utf8'),
    exists: path => existsSync(join2(root, path)),
    commit: (message = 'fixture') => {
      git('add', '-A')
      git('commit', '-q', '--allow-empty', '-m', message)
      return headOf(root)
    },
    cleanup: () => {
      if (process.env.SPEC_KITTY_KEEP_WORLDS === undefined) rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** The environment of a world, also for spawned programs: nothing of the developer's machine but PATH. */
export function hermeticEnv(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Test User',
    GIT_AUTHOR_EMAIL: 'test@example.com',
    GIT_COMMITTER_NAME: 'Test User',
    GIT_COMMITTER_EMAIL: 'test@example.com',
    GIT_AUTHOR_DATE: FIXED_DATE,
    GIT_COMMITTER_DATE: FIXED_DATE,
    SPEC_KITTY_ENABLE_SAAS_SYNC: '0',
    NO_COLOR: '1',
    TERM: 'dumb',
    COLUMNS: '120',
    TZ: 'UTC',
  }
}

const OURS =
  '[user]\n\tname = Test User\n\temail = test@example.com\n[commit]\n\tgpgsign = false\n[gc]\n\tauto = 0\n'

let empty: string | undefined

/** A new repository. Git makes the first of this process, the others are its copies: a copy is ten times as fast. */
function initialise(root: string, branch: string): void {
  if (empty === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'spec-kitty-world-'))
    execFileSync('git', ['init', '-q', '--bare', made], { env: hermeticEnv(made) })
    rmSync(join(made, 'hooks'), { recursive: true })
    mkdirSync(join(made, 'hooks'))
    const config = readFileSync(join(made, 'config'), 'utf8')
    writeFileSync(
      join(made, 'config'),
      config.replace('bare = true', 'bare = false\n\tlogallrefupdates = true') + OURS,
    )
    process.on('exit', () => rmSync(made, { recursive: true, force: true }))
    empty = made
  }
  cpSync(empty, join(root, '.git'), { recursive: true })
  writeFileSync(join(root, '.git/HEAD'), `ref: refs/heads/${branch}\n`)
}

/** The commit that a checkout stands on, read as git keeps it; git itself is asked where that is not in a file of its own. */
export function headOf(checkout: string): string {
  const own = join(checkout, '.git')
  const gitDir = statSync(own).isDirectory()
    ? own
    : resolve(checkout, readFileSync(own, 'utf8').slice('gitdir: '.length).trim())
  const head = readFileSync(join(gitDir, 'HEAD'), 'utf8').trim()
  if (!head.startsWith('ref: ')) return head
  const shared = gitDir === own ? own : join(gitDir, '../..')
  const ref = join(shared, head.slice('ref: '.length))
  if (existsSync(ref)) return readFileSync(ref, 'utf8').trim()
  return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: checkout, encoding: 'utf8' }).trim()
}

function join2(root: string, path: string): string {
  return path.startsWith('/') ? path : join(root, path)
}

/** One second per question; sleeping is real but short. */
export function tickingClock(): Clock {
  let micros = START_MICROS
  return {
    now: () => {
      micros += 1_000_000
      return formatMicros(micros)
    },
    sleep: ms => new Promise(resolve => setTimeout(resolve, Math.min(ms, 20))),
  }
}

/** ULIDs that count up from a fixed instant; hexadecimal digits that count up. */
export function countingIds(): Ports['ids'] {
  const { ulid } = createIds(
    () => START_MICROS / 1000,
    length => new Uint8Array(length),
  )
  let count = 0
  return { ulid, hex: digits => (++count).toString(16).padStart(digits, '0').slice(-digits) }
}
