/** The one place that starts git. Exit statuses are data: the caller names those it understands. */
import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process'
import { existsSync } from 'node:fs'
import { KittyError } from '@spec-kitty/contracts/errors'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import type { Variables } from '../variables.ts'
import { markWriter, openScratch, sweepLock } from './crash.ts'

export interface GitCall {
  readonly cwd: string
  readonly args: readonly string[]
  readonly input?: string | Uint8Array
  /** Exit statuses besides 0 that are answers. */
  readonly accept?: readonly number[]
  /** Takes locks and writes; everything else runs with optional locks off. */
  readonly writes?: boolean
  /** Of one that writes: nothing is read from its stdout. */
  readonly mute?: boolean
  readonly env?: Readonly<Record<string, string>>
  /** Talks to another machine, which may take as long as it takes: no time limit. */
  readonly network?: boolean
}

/** Ten minutes: far more than any of our calls needs, hooks and filters of the user included. */
const LIMIT_SECONDS = 600

/** Milliseconds a git may take; SPEC_KITTY_GIT_TIMEOUT holds other seconds. */
function limitOf(variables: Variables): number {
  const own = Number(variables.SPEC_KITTY_GIT_TIMEOUT ?? '')
  return Math.min((own > 0 ? own : LIMIT_SECONDS) * 1000, 2_147_483_647)
}

export interface GitAnswer {
  readonly status: number
  readonly bytes: Buffer
  readonly stderr: string
}

export type RunGit = (call: GitCall) => Promise<GitAnswer>

/** A git that answers questions until it is told to end. */
export interface GitSession {
  readonly write: (text: string) => void
  readonly end: () => void
  /** There is enough of it: git is stopped. */
  readonly kill: () => void
}

export type OpenGit = (
  call: Pick<GitCall, 'cwd' | 'args'>,
  onData: (chunk: Buffer) => void,
  /** It ended, by itself or as told; what has not been answered will not be. */
  onEnd: (cause: KittyError) => void,
) => GitSession

/** Variables by which a surrounding git (a hook, an alias) would point us at the wrong repository. */
const LOCAL_VARIABLES = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_COMMON_DIR',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
  'GIT_LITERAL_PATHSPECS',
  'GIT_GLOB_PATHSPECS',
  'GIT_NOGLOB_PATHSPECS',
  'GIT_ICASE_PATHSPECS',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_GRAFT_FILE',
  'GIT_SHALLOW_FILE',
  'GIT_QUARANTINE_PATH',
]

/** Settings that are not the user's to choose where we run git. */
const SETTLED = [
  // The configuration of an unpacked archive may name any program as its monitor.
  ['core.fsmonitor', 'false'],
  // We speak UTF-8: in another encoding names of authors and messages would come back, and be committed, as something else.
  ['i18n.commitEncoding', 'UTF-8'],
  ['i18n.logOutputEncoding', 'UTF-8'],
] as const

function quietEnv(variables: Variables): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = {
    ...variables,
    LC_ALL: 'C',
    LANGUAGE: '',
    GIT_TERMINAL_PROMPT: '0',
  }
  for (const name of LOCAL_VARIABLES) delete env[name]
  // A setting in the environment goes first.
  const count = Number.parseInt(variables.GIT_CONFIG_COUNT ?? '', 10) || 0
  SETTLED.forEach(([key, value], i) => {
    env[`GIT_CONFIG_KEY_${count + i}`] = key
    env[`GIT_CONFIG_VALUE_${count + i}`] = value
  })
  env.GIT_CONFIG_COUNT = String(count + SETTLED.length)
  return env
}

/** A runner with a fixed, quiet environment. Throws `git_missing`, `not_a_repository`, `git_failed`. */
export function createGitRunner(variables: Variables): RunGit {
  const env = quietEnv(variables)
  return async call => {
    // The common part of a split index would stay in the user's git directory.
    const whole = call.env?.GIT_INDEX_FILE === undefined ? [] : ['-c', 'core.splitIndex=false']
    const args = [...whole, ...(call.writes ? [] : ['--no-optional-locks']), ...call.args]
    const limitMs = call.network ? undefined : limitOf(variables)
    const begin = () => start(call, args, { ...env, ...call.env }, limitMs)
    let answer = await begin()
    if (answer.status !== 0 && call.writes && wasLeftLocked(call, answer)) answer = await begin()
    if (answer.status !== 0 && !(call.accept ?? []).includes(answer.status)) throw failed(call, answer)
    return answer
  }
}

/** Starts a reading git to talk to. */
export function createGitOpener(variables: Variables): OpenGit {
  const env = quietEnv(variables)
  return (call, onData, onEnd) => {
    const asked: string[] = []
    let child: ChildProcessWithoutNullStreams | undefined
    let over = false
    void import('node:child_process').then(({ spawn }) => {
      child = spawn('git', ['--no-optional-locks', ...call.args], { cwd: call.cwd, env, stdio: 'pipe' })
      const err: Buffer[] = []
      child.stdout.on('data', onData)
      child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
      child.on('error', cause => onEnd(notStarted(call, cause)))
      child.on('close', status => {
        const stderr = Buffer.concat(err).toString('utf8').trim()
        onEnd(failed(call, { status: status ?? 128, bytes: Buffer.alloc(0), stderr }))
      })
      child.stdin.on('error', () => {})
      for (const text of asked.splice(0)) child.stdin.write(text)
      if (over) child.stdin.end()
    })
    return {
      write: text => void (child ? child.stdin.write(text) : asked.push(text)),
      end: () => {
        over = true
        child?.stdin.end()
      },
      kill: () => void child?.kill('SIGTERM'),
    }
  }
}

/** True when git was refused by a lock that a killed git of ours had left, and the lock is gone now. */
function wasLeftLocked(call: GitCall, answer: GitAnswer): boolean {
  const lock = lockInTheWay(answer.stderr)
  return lock !== undefined && sweepLock(call.cwd, lock)
}

function lockInTheWay(stderr: string): string | undefined {
  return /Unable to create '(.{1,4096}\.lock)': File exists/.exec(stderr)?.[1]
}

async function start(
  call: GitCall,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  limitMs: number | undefined,
): Promise<GitAnswer> {
  const { spawn } = await import('node:child_process')
  return new Promise((resolve, reject) => {
    // A pipe costs a third of a start, the first one as much as two: a git that is told nothing gets none to read from,
    // and one that says nothing but what is wrong says it into a file.
    const complaints = call.mute === true ? openScratch(call.cwd) : undefined
    const child = spawn('git', args, {
      cwd: call.cwd,
      env,
      stdio: [
        call.input === undefined ? 'ignore' : 'pipe',
        complaints === undefined ? 'pipe' : 'ignore',
        complaints?.file ?? 'pipe',
      ],
    })
    const unmark = call.writes ? markWriter(call.cwd, child.pid) : () => {}
    const timer =
      limitMs === undefined
        ? undefined
        : setTimeout(() => stop(child, () => reject(tooLong(call, limitMs))), limitMs)
    const out: Buffer[] = []
    const err: Buffer[] = []
    const ended = () => {
      clearTimeout(timer)
      unmark()
      if (complaints !== undefined) err.push(complaints.take())
    }
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', cause => {
      ended()
      reject(notStarted(call, cause))
    })
    child.on('close', (status, signal) => {
      ended()
      const stderr = Buffer.concat(err).toString('utf8').trim()
      resolve({
        status: status ?? 128,
        bytes: Buffer.concat(out),
        stderr: signal === null ? stderr : `ended by ${signal} ${stderr}`,
      })
    })
    // Git may stop reading early (and say why on stderr); the broken pipe itself is no news.
    child.stdin?.on('error', () => {})
    child.stdin?.end(call.input)
  })
}

/** Ends a git, which takes its locks away when it is asked; a program that it started may hold its output open. */
function stop(child: ChildProcess, then: () => void): void {
  child.kill('SIGTERM')
  const last = setTimeout(() => child.kill('SIGKILL'), 2_000)
  child.on('exit', () => {
    clearTimeout(last)
    then()
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy()
  })
}

function tooLong(call: GitCall, limitMs: number): KittyError {
  const seconds = limitMs / 1000
  return new KittyError(
    'git_failed',
    `git ${verbOf(call.args)} took longer than ${seconds} s and was stopped`,
    {
      hint: sh`Look what holds git up (a hook, a filter, a slow disk); to allow more time: export SPEC_KITTY_GIT_TIMEOUT=${seconds * 6}`,
      data: { git: [...call.args], exit_status: null, stderr: '' },
    },
  )
}

function notStarted(call: Pick<GitCall, 'cwd'>, cause: Error): KittyError {
  if (!existsSync(call.cwd))
    return new KittyError('io_failed', `The directory ${call.cwd} does not exist`, { cause })
  return new KittyError('git_missing', 'git could not be started', {
    hint: sh`Install git 2.38 or newer and make sure that it is on PATH.`,
    cause,
  })
}

function failed(call: Pick<GitCall, 'cwd' | 'args'>, answer: GitAnswer): KittyError {
  if (/not a git repository/.test(answer.stderr))
    return new KittyError('not_a_repository', `${call.cwd} is not in a git repository`, {
      hint: sh`git init`,
    })
  // All that git said: the first line alone often names no file, filter or hook.
  const said = answer.stderr
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('hint: '))
  const [worst] = said.filter(line => /^(fatal|error): /.test(line))
  const reason = [...new Set(worst === undefined ? said : [worst, ...said])].join('; ').slice(0, 4_000)
  const data = { git: [...call.args], exit_status: answer.status, stderr: answer.stderr }
  return new KittyError(
    'git_failed',
    `git ${verbOf(call.args)} failed: ${reason || `status ${answer.status}`}`,
    {
      hint: remedyFor(answer.stderr),
      data,
    },
  )
}

/** `commit` of `git -c gc.auto=0 --literal-pathspecs commit …`. */
function verbOf(args: readonly string[]): string {
  return args.find((word, i) => !word.startsWith('-') && args[i - 1] !== '-c') ?? ''
}

function remedyFor(stderr: string): Remedy {
  if (/Please tell me who you are|unable to auto-detect email|empty ident name/.test(stderr))
    return sh`Tell git who you are: git config --global user.name "Your Name" && git config --global user.email you@example.com`
  const lock = lockInTheWay(stderr)
  if (lock !== undefined)
    return sh`Another git process is running, or one crashed; when none runs: rm ${lock}`
  if (/cannot lock ref .{1,4096} is at \w{1,64} but expected/.test(stderr))
    return sh`Another process moved that branch meanwhile; run the command again.`
  if (/detected dubious ownership/.test(stderr))
    return sh`Run the \`git config --global --add safe.directory\` command that git names.`
  return sh`Mend what git complains about, then run the command again.`
}

/** Standard output as text without the final line end. */
export function textOf(answer: GitAnswer): string {
  return answer.bytes.toString('utf8').replace(/\n$/, '')
}

/** Standard output cut at NUL (`-z`). */
export function fieldsOf(answer: GitAnswer): string[] {
  const fields = answer.bytes.toString('utf8').split('\0')
  if (fields.at(-1) === '') fields.pop()
  return fields
}
