/** The command tree: one line a command, loaded when used. The path is the file's name. */
import type { Command } from '../command.ts'

export interface Entry {
  readonly summary: string
  readonly load: () => Promise<{ readonly command: Command }>
  /** Works, but is not shown in help: plumbing, and spellings of the Python edition. */
  readonly hidden: boolean
}

function entry(summary: string, load: Entry['load']): Entry {
  return { summary, load, hidden: false }
}

/** Sorted by path. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  init: entry('Set up this project for your coding agents', () => import('./init.ts')),
}

/** Hidden plumbing. */
export const HIDDEN: Readonly<Record<string, Entry>> = {}
