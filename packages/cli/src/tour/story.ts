/** The story of the guided tour, as data: the same road as README's quick start, with the optional steps. */

/** Where a step happens: above the repository, in it, in the mission's directory, or in a lane's worktree. */
export type Place = 'start' | 'repository' | 'mission' | 'lane-a' | 'lane-b'

export interface Run {
  readonly run: string
  readonly at?: Place
  /** How many lines of its output to show; default 4. */
  readonly lines?: number
}

export interface Write {
  /** File to write → file of assets/tour. */
  readonly write: Readonly<Record<string, string>>
  readonly at: Place
}

export interface Scene {
  readonly title: string
  readonly say: string
  readonly steps: readonly (Run | Write)[]
}

const BOARD: Run = { run: 'spec-kitty agent tasks status', lines: 40 }

export const STORY: readonly Scene[] = [
  {
    title: 'Set up',
    say: 'A project gets its configuration and the slash commands of your agent. Nothing is written anywhere else.',
    steps: [
      { run: 'git init -q -b main hello', at: 'start' },
      { run: 'spec-kitty init --ai claude', lines: 2 },
    ],
  },
  {
    title: 'Specify and plan',
    say: 'A mission is one piece of work, from wish to merge. Your agent writes what is wanted and how it will be built.',
    steps: [
      { run: 'spec-kitty agent mission create hello', lines: 1 },
      { write: { 'spec.md': 'spec.md', 'plan.md': 'plan.md' }, at: 'mission' },
      { run: 'spec-kitty agent mission setup-plan', lines: 1 },
    ],
  },
  {
    title: 'Cut work packages',
    say: 'Each owns its files, so that agents can work side by side. WP02 waits for WP01.',
    steps: [
      {
        write: {
          'tasks.md': 'tasks.md',
          'tasks/WP01-greeting.md': 'WP01-greeting.md',
          'tasks/WP02-program.md': 'WP02-program.md',
        },
        at: 'mission',
      },
      { run: 'spec-kitty agent mission finalize-tasks', lines: 2 },
      BOARD,
    ],
  },
  {
    title: 'Implement WP01',
    say: 'The agent gets a worktree of its own, does the work there, and hands it over.',
    steps: [
      { run: 'spec-kitty agent action implement WP01 --agent claude', lines: 8 },
      { write: { 'src/greet.mjs': 'greet.mjs' }, at: 'lane-a' },
      { run: "git add src && git commit -q -m 'Greet by name'", at: 'lane-a' },
      { run: 'spec-kitty agent tasks mark-status T001 T002 --status done', at: 'lane-a' },
      { run: 'spec-kitty agent tasks move-task WP01 --to for_review', at: 'lane-a' },
    ],
  },
  {
    title: 'Review WP01',
    say: 'Another agent, or a person, claims the review, reads the difference and decides.',
    steps: [
      { run: 'spec-kitty agent action review WP01 --agent bob', lines: 6 },
      { run: 'spec-kitty agent tasks move-task WP01 --to approved --agent bob' },
      BOARD,
    ],
  },
  {
    title: 'Implement and review WP02',
    say: "Its worktree starts from WP01's approved code.",
    steps: [
      { run: 'spec-kitty agent action implement WP02 --agent claude', lines: 8 },
      { write: { 'src/hello.mjs': 'hello.mjs' }, at: 'lane-b' },
      { run: 'node src/hello.mjs', at: 'lane-b' },
      { run: "git add src && git commit -q -m 'Greet the world'", at: 'lane-b' },
      { run: 'spec-kitty agent tasks mark-status T003 --status done', at: 'lane-b' },
      { run: 'spec-kitty agent tasks move-task WP02 --to for_review', at: 'lane-b' },
      { run: 'spec-kitty agent action review WP02 --agent bob' },
      { run: 'spec-kitty agent tasks move-task WP02 --to approved --agent bob' },
    ],
  },
  {
    title: 'Accept and merge',
    say: 'The dry run lists everything that stands in the way. The merge moves all or nothing.',
    steps: [
      { run: 'spec-kitty accept', lines: 1 },
      { run: 'spec-kitty merge --dry-run', lines: 8 },
      { run: 'spec-kitty merge', lines: 3 },
    ],
  },
  {
    title: 'The result',
    say: 'Both work packages are on main; branches and worktrees are gone; the tree is clean.',
    steps: [
      BOARD,
      { run: 'node src/hello.mjs' },
      { run: 'git status --short --branch' },
      { run: 'git log --oneline', lines: 6 },
    ],
  },
]
