/** What the server takes from the process it lives in: clock, random numbers, signals, standard input. One door. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Clock, Random } from './sync/ports.ts'

export const systemClock: Clock = { now: () => Date.now() }

export const systemRandom: Random = length => randomBytes(length)

/** Calls `stop` once, at the first SIGINT or SIGTERM; a second signal ends the process the hard way. Returns the undo. */
export function onStopSignal(stop: () => void): () => void {
  const once = (): void => {
    forget()
    stop()
  }
  const forget = (): void => {
    process.removeListener('SIGINT', once)
    process.removeListener('SIGTERM', once)
  }
  process.on('SIGINT', once)
  process.on('SIGTERM', once)
  return forget
}

/** The first line of standard input. */
export function readLineFromStdin(): string {
  return readFileSync(0, 'utf8').split(/\r?\n/, 1)[0] ?? ''
}

/**
 * A module that this Node brings along, undefined where it does not (node:sqlite before 22.13). Loaded without its
 * "experimental" warning: standard error belongs to the log, and an operator could do nothing about it.
 */
export function builtin(name: string): object | undefined {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return process.getBuiltinModule(name)
  } finally {
    process.emitWarning = emitWarning
  }
}
