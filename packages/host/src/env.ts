/** The process around us: environment, working directory, other processes. */
import { join } from 'node:path'
import type { Env } from '@spec-kitty/core/world/ports'
import { findProgram, machine } from './programs.ts'
import { runProgram, runShell } from './shell.ts'
import type { Variables } from './variables.ts'

export function createEnv(cwd: string, variables: Variables): Env {
  return {
    cwd,
    get: name => variables[name],
    shell: (command, options) => runShell(command, options, machine(variables)),
    run: ([program, ...words], options) => runProgram(program, words, options, machine(variables)),
    find: program => findProgram(program, machine(variables)),
    isAlive,
    pid: process.pid,
    // Asked by few: `performance` and node:os are loaded for them alone.
    get startedAt() {
      return (performance.timeOrigin / 1000).toFixed(2)
    },
    get hostname() {
      return process.getBuiltinModule('node:os').hostname()
    },
  }
}

/** Where the program keeps its own state: login, settings of sync, what is not sent yet. */
export function stateDirectory(variables: Variables): string {
  return join(variables.HOME ?? process.getBuiltinModule('node:os').homedir(), '.spec-kitty')
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
