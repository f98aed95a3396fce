/** What a team does with the product. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DISPLAY_LANES } from '@spec-kitty/contracts/lanes'
import { weighted } from './random.ts'
import { PATHS, quote, SLUG } from './stage.ts'
import type { Team } from './team.ts'

export interface Action {
  readonly name: string
  readonly weight: number
  readonly perform: (team: Team) => void | Promise<void>
}

/** Work package → lane of the board. */
export async function board({ stage }: Team): Promise<ReadonlyMap<string, string>> {
  const { document } = await stage.product(['agent', 'tasks', 'status', '--json', '--mission', SLUG])
  stage.typed.pop()
  const rows = (document?.work_packages ?? []) as readonly { readonly id?: string; readonly lane?: string }[]
  return new Map(rows.map(row => [row.id ?? '', row.lane ?? '']))
}

export function lanePath(lane: string): string {
  return `.worktrees/${SLUG}-${lane}`
}

/** The worktrees of lanes that are there, from the top. */
export function laneFolders({ stage }: Team): readonly string[] {
  return stage
    .lanes()
    .map(row => lanePath(row.lane_id))
    .filter(path => existsSync(join(stage.w.root, path, '.git')))
}

/** A worktree of a lane, or the checkout when there is none. */
function somewhere(team: Team): string {
  const folders = laneFolders(team)
  return folders.length === 0 ? '.' : team.dice.pick(folders)
}

const AGENTS = ['claude', 'codex', 'rev'] as const

/** Writes code of a package in its lane, or in any lane, and commits it. */
export function work(team: Team, folder: string, path?: string): void {
  const { dice, stage } = team
  const file = path ?? (dice.chance(0.6) ? `src/${stage.word()}.txt` : dice.pick(PATHS))
  const parent = file.includes('/') ? `mkdir -p ${quote(file.slice(0, file.lastIndexOf('/')))}; ` : ''
  team.sh(
    `${parent}echo ${stage.word()} >> ${quote(file)}; git add -A --sparse; git commit -qm ${stage.word()}`,
    folder,
  )
}

/** The next step of a package as the workflow has it. */
async function advance(team: Team): Promise<void> {
  const { dice, stage } = team
  const states = await board(team)
  const wp = dice.pick(stage.wps)
  const state = states.get(wp) ?? 'planned'
  const on = ['--mission', SLUG]
  if (state === 'planned' || state === 'claimed') {
    await team.command(['agent', 'action', 'implement', wp, '--agent', dice.pick(AGENTS), ...on])
  } else if (state === 'in_progress' || state === 'doing') {
    const lane = laneOf(team, wp)
    if (lane !== undefined)
      work(team, lane, dice.chance(0.7) ? `src/${wp.toLowerCase()}/${dice.int(3)}.txt` : undefined)
    await team.command(['agent', 'tasks', 'mark-status', ...ticks(wp), '--status', 'done', ...on])
    await team.command(['submit', wp, ...on])
  } else if (state === 'for_review') {
    await team.command(['agent', 'action', 'review', wp, '--agent', 'rev', ...on])
  } else if (state === 'in_review') {
    if (dice.chance(0.75)) await team.command(['approve', wp, '--reviewer', 'rev', ...on])
    else await team.command(['reject', wp, '--feedback-file', feedback(team), ...on])
  } else {
    await team.command(['show', wp, ...on])
  }
}

export function ticks(wp: string): readonly string[] {
  const n = wp.slice(2)
  return [`T${n}1`, `T${n}2`]
}

function feedback({ stage }: Team): string {
  const path = join(stage.w.dir, 'feedback.md')
  writeFileSync(path, `Please mend ${stage.word()}\n`)
  return path
}

/** The folder of the lane that a package belongs to, when it is there. */
export function laneOf({ stage }: Team, wp: string): string | undefined {
  const lane = stage.lanes().find(row => row.wp_ids.includes(wp))
  const folder = lane === undefined ? undefined : lanePath(lane.lane_id)
  return folder !== undefined && existsSync(join(stage.w.root, folder)) ? folder : undefined
}

async function move(team: Team): Promise<void> {
  const { dice, stage } = team
  const words = [
    'agent',
    'tasks',
    'move-task',
    dice.pick(stage.wps),
    '--to',
    dice.pick(DISPLAY_LANES),
    '--mission',
    SLUG,
  ]
  if (dice.chance(0.5)) words.push('--agent', dice.pick(AGENTS))
  if (dice.chance(0.3)) words.push('--force', '--note', 'because')
  if (dice.chance(0.3)) words.push('--review-feedback-file', feedback(team))
  await team.command(words, dice.chance(0.2) ? somewhere(team) : '.')
}

const simple = (name: string, weight: number, words: (team: Team) => readonly string[]): Action => ({
  name,
  weight,
  perform: async team =>
    void (await team.command(words(team), team.dice.chance(0.15) ? somewhere(team) : '.')),
})

const wp = (team: Team): string => team.dice.pick(team.stage.wps)
const mission = ['--mission', SLUG]

/** A merge with its options. */
export function mergeWords({ dice }: Pick<Team, 'dice'>): readonly string[] {
  const words = ['merge', '--mission', SLUG]
  if (dice.chance(0.5)) words.push('--strategy', dice.pick(['squash', 'merge', 'rebase']))
  if (dice.chance(0.1)) words.push('--keep-branch')
  if (dice.chance(0.1)) words.push('--keep-worktree')
  if (dice.chance(0.1)) words.push('--push')
  if (dice.chance(0.1)) words.push('--fetch')
  if (dice.chance(0.05)) words.push('--target', dice.pick(['side', 'nowhere']))
  return words
}

const KILLABLE: readonly ((team: Team) => readonly string[])[] = [
  team => ['agent', 'action', 'implement', wp(team), '--agent', 'claude', ...mission],
  team => [
    'agent',
    'tasks',
    'move-task',
    wp(team),
    '--to',
    team.dice.pick(DISPLAY_LANES),
    '--force',
    '--note',
    'x',
    ...mission,
  ],
  mergeWords,
  mergeWords,
  () => ['doctor', '--fix'],
  team => ['agent', 'tasks', 'mark-status', ...ticks(wp(team)), '--status', 'done', ...mission],
  () => ['mission', 'close', '--discard', '--force', ...mission],
  () => ['agent', 'mission', 'finalize-tasks', ...mission],
]

export const PRODUCT_ACTIONS: readonly Action[] = [
  { name: 'advance', weight: 60, perform: advance },
  { name: 'move', weight: 10, perform: move },
  simple('start', 4, team => ['start', wp(team), '--agent', team.dice.pick(AGENTS), ...mission]),
  simple('tick', 3, team => [
    'agent',
    'tasks',
    'mark-status',
    ...ticks(wp(team)),
    '--status',
    team.dice.pick(['done', 'pending']),
    ...mission,
  ]),
  simple('submit', 2, team => ['submit', wp(team), ...mission]),
  simple('review', 2, team => ['agent', 'action', 'review', wp(team), '--agent', 'rev', ...mission]),
  simple('approve', 3, team => ['approve', wp(team), '--reviewer', 'rev', ...mission]),
  simple('force approve', 2, team => [
    'approve',
    wp(team),
    '--reviewer',
    'rev',
    '--force',
    '--note',
    'x',
    ...mission,
  ]),
  simple('reject', 2, team => ['reject', wp(team), '--feedback-file', feedback(team), ...mission]),
  simple('cancel', 1, team => [
    'agent',
    'tasks',
    'move-task',
    wp(team),
    '--to',
    'canceled',
    '--note',
    'no',
    ...mission,
  ]),
  simple('merge', 8, mergeWords),
  simple('resume', 2, () => ['merge', '--resume', ...mission]),
  simple('abort', 2, () => ['merge', '--abort', ...mission]),
  simple('doctor --fix', 4, () => ['doctor', '--fix']),
  simple('doctor', 2, () => ['doctor']),
  simple('next', 2, () => ['next', '--agent', 'claude', ...mission]),
  simple('finalize', 2, () => ['agent', 'mission', 'finalize-tasks', ...mission]),
  simple('status', 2, () => ['status', ...mission]),
  simple('where', 2, () => ['where']),
  simple('log', 1, () => ['log', ...mission]),
  simple('show', 1, team => ['show', wp(team), ...mission]),
  simple('accept', 1, () => ['accept', '--lenient', ...mission]),
  simple('recover', 3, team => ['implement', wp(team), '--recover', ...mission]),
  simple('reopen', 2, () => ['mission', 'reopen', SLUG, '--reason', 'again']),
  simple('close', 1, () => ['mission', 'close', ...mission]),
  simple('discard', 1, () => ['mission', 'close', '--discard', '--force', ...mission]),
  simple('materialize', 1, () => ['agent', 'status', 'materialize', ...mission]),
  simple('validate', 1, () => ['agent', 'status', 'validate', ...mission]),
  simple('safe-commit', 1, team => ['safe-commit', team.dice.pick(PATHS), '-m', 'by hand']),
  simple('history', 1, team => [
    'agent',
    'tasks',
    'add-history',
    wp(team),
    '--note',
    team.stage.word(),
    ...mission,
  ]),
  simple('pull request', 1, () => ['merge', '--pr', ...mission]),
  simple('landed', 1, () => ['merge', '--landed', ...mission]),
  simple('quick', 1, team => [
    'quick',
    `fix ${team.stage.word()}`,
    ...(team.dice.chance(0.3) ? ['--worktree'] : []),
  ]),
  {
    name: 'merge killed',
    weight: 3,
    perform: async team => {
      team.kill(mergeWords(team), 1 + team.dice.int(250))
      await team.command(['merge', team.dice.pick(['--resume', '--abort']), ...mission])
    },
  },
  {
    name: 'kill',
    weight: 6,
    perform: team =>
      void team.kill(team.dice.pick(KILLABLE)(team), 1 + team.dice.int(team.dice.chance(0.5) ? 40 : 200)),
  },
]

export function draw(team: Team, actions: readonly Action[]): Action {
  return weighted(team.dice, actions)
}
