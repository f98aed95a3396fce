/** One walk: a mission, some actions of a team, and the way to the merge by what is printed. */
import { type Action, draw, PRODUCT_ACTIONS } from './actions.ts'
import { finish } from './finish.ts'
import { ODD_ACTIONS } from './odd.ts'
import type { Violation } from './oracle.ts'
import { createDice } from './random.ts'
import { RAW_ACTIONS } from './raw.ts'
import { createStage } from './stage.ts'
import { createTeam, type Team } from './team.ts'

export interface Walk {
  readonly seed: number
  /** Which of its actions to leave out: for shrinking. */
  readonly without?: ReadonlySet<number>
  /** Ten actions to as many, 40 when left out. */
  readonly most?: number
  /** A mission that is ready to merge and a few odd states at once: most faults are of this kind. */
  readonly dense?: boolean
  /** Leave the repository for a look. */
  readonly keep?: boolean
}

export interface Outcome {
  readonly seed: number
  readonly violations: readonly Violation[]
  readonly actions: number
  readonly names: readonly string[]
  /** What was typed, to be run from the top of the repository that the seed makes. */
  readonly script: string
  readonly directory: string
}

/** Ten to forty actions, each with choices of its own, so that one can be left out without changing the others. */
export async function walk({
  seed,
  without = new Set(),
  keep = false,
  most = 40,
  dense = false,
}: Walk): Promise<Outcome> {
  const dice = createDice(seed)
  const stage = createStage(dice, dense)
  const count = dense ? 3 + dice.int(6) : 10 + dice.int(most - 9)
  const violations: Violation[] = []
  const names: string[] = []
  try {
    for (let i = 0; i < count && violations.length === 0; i++) {
      const own = createDice(seed * 1000 + i)
      if (without.has(i)) continue
      const team: Team = { ...createTeam(stage, own), violations }
      await step(team, names, dense)
    }
    if (violations.length === 0) {
      stage.typed.push('# from here on by what is printed')
      names.push('finish')
      await guarded({ ...createTeam(stage, createDice(seed + 7)) }, violations, finish)
    }
  } finally {
    if (!keep) stage.cleanup()
  }
  return { seed, violations, actions: count, names, script: stage.typed.join('\n'), directory: stage.w.dir }
}

async function step(team: Team, names: string[], dense: boolean): Promise<void> {
  const list: readonly Action[] = team.dice.chance(dense ? 0.35 : 0.5) ? PRODUCT_ACTIONS : RAW_ACTIONS
  const odd = dense && list === RAW_ACTIONS && team.dice.chance(0.4)
  const action = dense ? team.dice.pick(odd ? ODD_ACTIONS : list) : draw(team, list)
  names.push(action.name)
  team.stage.typed.push(`# ${names.length}: ${action.name}`)
  await guarded(
    createTeam(team.stage, team.dice),
    team.violations,
    async own => void (await action.perform(own)),
  )
}

/** What a command throws in this process would have been a crash of the program. */
async function guarded(
  team: Team,
  violations: Violation[],
  run: (team: Team) => Promise<void>,
): Promise<void> {
  try {
    await run(team)
  } catch (error) {
    team.violations.push({
      kind: 'thrown',
      about: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
  }
  violations.push(...team.violations)
}
