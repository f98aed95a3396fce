/** One reason why a merge cannot start, the rules that find one, and pieces that remedies are made of. */
import type { MergeBlocker } from '@spec-kitty/contracts/cli/merge-dry-run'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { joined, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { type Conflict, mergeOptions } from '../repo/lanes/combine.ts'
import { commitAll } from '../repo/lanes/dirt.ts'
import { addAgain } from '../repo/lanes/place.ts'
import { few } from '../text/paths.ts'
import type { StatusEntry } from '../world/ports.ts'
import { type MergeFacts, uncommittedBookkeeping } from './facts.ts'
import type { Forecast } from './forecast.ts'
import type { LaneFact } from './lane-facts.ts'
import type { Preview } from './preview.ts'

export type Rule = (facts: MergeFacts, forecast: Forecast, preview: Preview) => readonly MergeBlocker[]

export function blocker(
  code: string,
  subject: string,
  message: string,
  remediation: Remedy | readonly Remedy[],
  more: JsonObject = {},
): MergeBlocker {
  const remedy = typeof remediation === 'string' ? remediation : [...remediation]
  return { code, blocker: code, diagnostic_code: code, subject, message, remediation: remedy, ...more }
}

/** Paths for a sentence, ten at most. */
export function list(paths: readonly string[]): string {
  return few(paths, 10)
}

/** Commands one after the other, each only when the one before it went well. */
export function inTurn(...commands: readonly Remedy[]): Remedy {
  return joined(commands, ' && ')
}

/**
 * Work is done in the lane's worktree; one is made where there is none. `act` gets its path. What lies there uncommitted
 * is committed first, or git might refuse.
 */
export function inLane(top: string, lane: LaneFact, act: (place: string) => Remedy): Remedy {
  const { worktree, dirt, id, stop } = lane
  if (worktree !== null && dirt.paths.length > 0 && stop === undefined)
    return inTurn(commitAll(worktree, dirt, `Finish ${id}`), act(worktree))
  if (worktree !== null) return act(worktree)
  return inTurn(addAgain(top, lane.site, lane.branch), act(lane.site.staged?.path ?? lane.home))
}

/** Merges branches into a lane, in this order. `conflict`: why, where git said so. */
export function mergeIntoLane(
  top: string,
  lane: LaneFact,
  branches: readonly string[],
  conflict?: Conflict,
): Remedy {
  const option = mergeOptions(conflict)
  return inLane(top, lane, place =>
    inTurn(...branches.map(branch => sh`git -C ${place} merge ${[...option, branch]}`)),
  )
}

/** Commits files of the mission where they lie, and nothing beside them. */
export function keepPlanning(top: string, dirt: readonly StatusEntry[]): readonly Remedy[] {
  if (dirt.length === 0) return []
  const paths = dirt.map(({ path }) => path)
  const fresh = dirt.filter(({ code }) => code === '??').map(({ path }) => path)
  return [
    ...(fresh.length === 0 ? [] : [sh`git -C ${top} add -- ${fresh}`]),
    sh`git -C ${top} commit -m "Keep planning files" -- ${paths}`,
  ]
}

/** Takes the checkout to another branch; what commands wrote there and did not commit stays on the branch it leaves. */
export function leaveFor(facts: MergeFacts, branch: string): Remedy {
  return inTurn(...keepBookkeeping(facts), sh`git -C ${facts.project.top} switch ${branch}`)
}

/** Keeps what commands wrote and did not commit: git merges and switches nothing over it. */
export function keepBookkeeping(facts: MergeFacts): readonly Remedy[] {
  const { project, standing } = facts
  const paths = uncommittedBookkeeping(facts)
  if (standing.branch === null && paths.length > 0)
    return [sh`git -C ${project.top} stash push --include-untracked -- ${paths}`]
  return keepPlanning(
    project.top,
    standing.dirt.filter(({ path }) => paths.includes(path)),
  )
}
