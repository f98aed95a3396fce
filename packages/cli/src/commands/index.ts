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
  'agent mission create': entry('Make a mission', () => import('./agent/mission/create.ts')),
  'agent mission setup-plan': entry(
    'Check the specification and open the plan',
    () => import('./agent/mission/setup-plan.ts'),
  ),
  'agent status emit': entry(
    'Append one lane change to the event log',
    () => import('./agent/status/emit.ts'),
  ),
  'agent status materialize': entry(
    'Write status.json from the event log',
    () => import('./agent/status/materialize.ts'),
  ),
  'agent tasks mark-status': entry(
    'Tick subtasks in tasks.md, or finish work packages',
    () => import('./agent/tasks/mark-status.ts'),
  ),
  init: entry('Set up this project for your coding agents', () => import('./init.ts')),
  plan: entry('Check the specification and open the plan', () => import('./plan.ts')),
  specify: entry('Make a mission from a title', () => import('./specify.ts')),
}

/** Hidden plumbing. */
export const HIDDEN: Readonly<Record<string, Entry>> = {}
