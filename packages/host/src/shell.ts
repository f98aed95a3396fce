/** Programs that run beside us: tools, and commands that the user configured (worktree set-up, acceptance tests). */
import type { ChildProcess } from 'node:child_process'
import type { RunOptions, ShellResult } from '@spec-kitty/core/world/ports'
import { browserOf, type Machine, shellOf, startOf } from './programs.ts'

const KEEP = 64 * 1024

/** Runs a shell command of the user's configuration. Never rejects: the outcome says what happened. */
export function runShell(command: string, options: RunOptions, machine: Machine): Promise<ShellResult> {
  return runProgram(shellOf(machine), ['-c', command], options, machine)
}

/** Runs a program with these words, no shell between. Never rejects. */
export async function runProgram(
  program: string,
  words: readonly string[],
  { cwd, limitMs, keep = KEEP, env }: RunOptions,
  machine: Machine,
): Promise<ShellResult> {
  const start = startOf(program, words, machine)
  if (typeof start === 'string') return { status: null, output: start }
  const { spawn } = await import('node:child_process')
  return new Promise(resolve => {
    const child = spawn(start.file, start.words, {
      cwd,
      env: { ...machine.variables, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Its own process group, so that the time limit ends everything the command started. Windows has none.
      detached: machine.platform !== 'win32',
      windowsHide: true,
      windowsVerbatimArguments: start.verbatim,
    })
    let output = ''
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-keep)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    const timer = setTimeout(() => endAll(child, spawn), limitMs)
    const end = (status: number | null) => {
      clearTimeout(timer)
      resolve({ status, output })
    }
    child.on('error', cause => {
      output += cause.message
      end(null)
    })
    child.on('close', end)
  })
}

/** Ends a program and all that it started. */
function endAll({ pid }: ChildProcess, spawn: typeof import('node:child_process').spawn): void {
  if (pid === undefined) return
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' }).on('error', () => {})
    return
  }
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended by itself in this very moment.
  }
}

/** Starts a program that goes on by itself (a browser, a server) and leaves it alone, whether it can be started or not. */
export async function startProcess(program: string, words: readonly string[], cwd?: string): Promise<void> {
  const { spawn } = await import('node:child_process')
  return new Promise(resolve => {
    const child = spawn(program, words, { stdio: 'ignore', detached: true, windowsHide: true, cwd })
    child.on('error', () => resolve())
    child.on('spawn', () => {
      child.unref()
      resolve()
    })
  })
}

/** Shows an address in the user's browser, if there is one. */
export function openInBrowser(url: string): Promise<void> {
  return startProcess(...browserOf(process.platform, url))
}
