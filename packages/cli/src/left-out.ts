/** Commands of the Python edition that this one leaves out. docs/compatibility.md shows the same table. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'

export interface LeftOut {
  /** Command paths; a group stands for everything in it. */
  readonly commands: readonly string[]
  /** Half a sentence: goes on after "is not part of this edition:". */
  readonly reason: string
  /** What to do instead: a command of ours or a sentence. */
  readonly instead: Remedy
}

export const LEFT_OUT: readonly LeftOut[] = [
  {
    commands: ['lint'],
    reason: 'it ran the tools of one programming language on one file',
    instead: sh`Run the linter of your project`,
  },
  {
    commands: ['review'],
    reason: 'it audits the Python edition itself',
    instead: sh`Run the checks of your project; what a pull request was told: spec-kitty review import`,
  },
  {
    commands: ['agent tests stale-check', 'agent release prep'],
    reason: 'they audit and release the Python edition itself',
    instead: sh`Run the checks of your project`,
  },
  {
    commands: [
      'dispatch',
      'profiles',
      'profile-invocation',
      'invocations',
      'ops',
      'agent profile',
      'doctor ops',
      'doctor invocation-pairing',
      'session-stop',
    ],
    reason: 'requests without a mission are none of its business',
    instead: sh`Ask your agent directly, or begin a small change: spec-kitty quick "my change"`,
  },
  {
    commands: ['doctrine', 'glossary', 'workflow', 'plugin', 'doctor doctrine'],
    reason: 'rules for the whole repository are one charter, written by you',
    instead: sh`Write them into .kittify/charter/charter.md`,
  },
  {
    commands: [
      'charter activate',
      'charter deactivate',
      'charter list',
      'charter lint',
      'charter pack',
      'charter bundle',
      'charter synthesize',
      'charter resynthesize',
      'charter mission-type',
    ],
    reason: 'the charter is one document, not a bundle of packages',
    instead: sh`Write it into .kittify/charter/charter.md`,
  },
  {
    commands: ['retrospect', 'agent retrospect'],
    reason: 'the event log and git tell what happened',
    instead: sh`spec-kitty mission info --mission HANDLE`,
  },
  {
    commands: ['context mission-resolve', 'context mission-show'],
    reason: 'every command resolves its mission itself',
    instead: sh`spec-kitty mission current`,
  },
  {
    commands: ['doctor orphan-daemons', 'doctor restart-daemon'],
    reason: 'there is no background process',
    instead: sh`spec-kitty sync doctor`,
  },
  {
    commands: ['doctor shim-registry'],
    reason: 'it looks after the source code of the Python edition',
    instead: sh`spec-kitty doctor`,
  },
  {
    commands: ['sync workspace'],
    reason: 'git does this',
    instead: sh`git pull`,
  },
  {
    commands: [
      'migrate normalize-lifecycle',
      'agent status migrate',
      'agent status reconcile',
      'validate-tasks',
    ],
    reason: 'layouts from before schema 3 are not read',
    instead: sh`Run the upgrade of the Python edition 3.2 once`,
  },
  {
    commands: ['migrate charter-encoding'],
    reason: 'the charter is checked like any other document',
    instead: sh`spec-kitty validate-encoding --all`,
  },
  {
    commands: ['mission create', 'mission-type create'],
    reason: 'tickets are fetched by the tools of your tracker',
    instead: sh`spec-kitty agent mission create my-feature`,
  },
  {
    commands: ['mission run', 'mission-type run'],
    reason: 'what a mission does next is decided from its board',
    instead: sh`spec-kitty next --mission HANDLE`,
  },
  {
    commands: ['mission show'],
    reason: 'kinds of mission are shown by mission-type',
    instead: sh`spec-kitty mission-type show software-dev`,
  },
  {
    commands: ['mission switch', 'mission-type switch', 'mission-type current'],
    reason: 'no mission is switched to: every command takes --mission',
    instead: sh`spec-kitty mission list`,
  },
  {
    commands: ['mission-type close', 'mission-type reopen', 'mission-type follow-up'],
    reason: 'missions are closed and opened by mission',
    instead: sh`spec-kitty mission --help`,
  },
  {
    commands: ['agent check-prerequisites'],
    reason: 'it was another name',
    instead: sh`spec-kitty agent mission check-prerequisites`,
  },
  {
    commands: ['agent decision widen'],
    reason: 'it calls a service that is not public',
    instead: sh`spec-kitty agent decision open --help`,
  },
]

/** The refusal for words that name such a command, or something in such a group; undefined for all others. */
export function leftOut(words: readonly string[]): KittyError | undefined {
  for (let length = Math.min(words.length, 3); length > 0; length--) {
    const path = words.slice(0, length).join(' ')
    const row = LEFT_OUT.find(({ commands }) => commands.includes(path))
    if (row === undefined) continue
    return new KittyError(
      'not_in_this_edition',
      `'spec-kitty ${path}' is not part of this edition: ${row.reason}`,
      { hint: row.instead, data: { command: path } },
    )
  }
  return undefined
}

/** The rows as a Markdown table. */
export function leftOutTable(): string {
  const rows = LEFT_OUT.map(({ commands, reason, instead }) => {
    const names = commands.map(command => `\`${command}\``).join(', ')
    const way = /^(spec-kitty|git) /.test(instead) ? `\`${instead}\`` : instead
    return `| ${names} | ${reason} | ${way} |`
  })
  return ['| Command | Why | Instead |', '|---|---|---|', ...rows].join('\n')
}
