/** The process around us: environment, working directory, other processes. */
import type { ChildProcess } from 'node:child_process'
import type { Env, ShellResult } from '@spec-kitty/core/ports'

export type Variables = Readonly<Record<string, string | undefined>>

const OUTPUT_LIMIT = 64 * 1024

export function createEnv(cwd: string, variables: Variables): Env {
  return {
    cwd,
    get: name => variables[name],
    shell: (command, at, limitMs) => runShell(command, at, limitMs, variables),
    isAlive,
    pid: process.pid,
    get hostname() {
      return process.getBuiltinModule('node:os').hostname()
    },
  }
}

/** True while a process with this id exists, also one that belongs to somebody else. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM'
  }
}

function runShell(command: string, cwd: string, limitMs: number, env: Variables): Promise<ShellResult> {
  const { spawn } = process.getBuiltinModule('node:child_process')
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
      output = (output + chunk.toString('utf8')).slice(-OUTPUT_LIMIT)
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
