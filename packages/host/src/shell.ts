/** Commands that the user configured: worktree set-up, acceptance tests. */
import type { ChildProcess } from 'node:child_process'
import type { ShellResult } from '@spec-kitty/core/world/ports'
import type { Variables } from './variables.ts'

const KEEP = 64 * 1024

/** Runs a shell command of the user's configuration. Never rejects: the outcome says what happened. */
export async function runShell(
  command: string,
  cwd: string,
  limitMs: number,
  env: Variables,
  keep: number = KEEP,
): Promise<ShellResult> {
  const { spawn } = await import('node:child_process')
  return new Promise(resolve => {
    // Its own process group, so that the time limit ends everything the command started.
    const child = spawn('/bin/sh', ['-c', command], {
      cwd,
      env: { ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-keep)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    const timer = setTimeout(() => killGroup(child), limitMs)
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

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It ended by itself in this very moment.
  }
}

/** Starts a program that goes on by itself (a browser, a server) and leaves it alone, whether it can be started or not. */
export async function startProcess(program: string, words: readonly string[], cwd?: string): Promise<void> {
  const { spawn } = await import('node:child_process')
  return new Promise(resolve => {
    const child = spawn(program, words, { stdio: 'ignore', detached: true, cwd })
    child.on('error', () => resolve())
    child.on('spawn', () => {
      child.unref()
      resolve()
    })
  })
}

/** Shows an address in the user's browser, if there is one. */
export function openInBrowser(url: string): Promise<void> {
  return startProcess(process.platform === 'darwin' ? 'open' : 'xdg-open', [url])
}
