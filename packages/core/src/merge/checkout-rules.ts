/** Why the checkout, or git itself, would not carry a merge out. */
import type { MergeBlocker } from '@spec-kitty/contracts/cli/merge-dry-run'
import { part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { isBookkeeping } from '../repo/mission/bookkeeping.ts'
import { type CommitTrouble, nameless, unsigned } from '../repo/project/committer.ts'
import { join } from '../text/paths.ts'
import { blocker, inTurn, keepPlanning, list, type Rule } from './blocker.ts'
import { isUnmerged, takesPart } from './facts.ts'
import type { InTheWay } from './rehearsal.ts'

/** Edits in the checkout. While git is in the middle of something, only that is told: a stash would break it. */
export const cleanWorktree: Rule = facts => {
  const { standing, mission, project } = facts
  if (standing.operation !== undefined || !(standing.onTarget || standing.onMission)) return []
  const entries = standing.dirt
    .filter(entry => entry.code !== '??')
    .filter(
      entry => !isBookkeeping(mission, entry.path) || entry.code.includes('D') || isUnmerged(entry.code),
    )
  if (entries.length === 0) return []
  const paths = entries.flatMap(({ path, from }) => (from === undefined ? [path] : [path, from]))
  const at = sh`git -C ${project.top} stash push`
  // What is staged otherwise than as a plain change, git does not put aside by name.
  const plain = standing.uncover.length === 0 && entries.every(({ code }) => /^[ MT][ MTD]$/.test(code))
  const remedy = plain
    ? sh`${part(at)} -- ${paths}`
    : inTurn(
        sh`git -C ${project.top} reset -q -- ${paths}`,
        ...standing.uncover,
        sh`${part(at)} --include-untracked -- ${paths}`,
      )
  const branch = standing.onMission ? facts.missionBranch : facts.options.target
  const message = `The checkout of ${branch} has uncommitted changes: ${list(entries.map(entry => entry.path))}`
  return [blocker('dirty_worktree', project.top, message, remedy, { paths })]
}

/** What git itself would not overwrite when it moves the checkout. */
export const checkoutMovable: Rule = ({ project, standing }, _, { obstacle }) => {
  if (obstacle === undefined || standing.operation !== undefined) return []
  const { words, paths } = obstacle
  const both = standing.dirt.filter(({ path }) =>
    paths.some(other => other.kind === 'bookkeeping' && other.path === path),
  )
  const changed = new Set(standing.dirt.filter(({ code }) => code !== '??').map(entry => entry.path))
  // Edits that git sees are told by the rule before.
  const told = paths.filter(({ kind, path }) =>
    kind === 'tracked' ? !changed.has(path) || words === '' : kind !== 'bookkeeping',
  )
  const found: MergeBlocker[] = []
  const tell = (what: string, entries: readonly { readonly path: string }[], remedy: Remedy) => {
    if (entries.length === 0) return
    const names = entries.map(({ path }) => path)
    const message = `Uncommitted files ${what}: ${list(names)}`
    found.push(blocker('dirty_worktree', project.top, message, remedy, { paths: names }))
  }
  tell('are where the merge would write', told, putAside(project.top, told))
  // Put aside, what commands wrote would be missed by the next one.
  tell('of the mission are changed by its lanes too', both, inTurn(...keepPlanning(project.top, both)))
  if (found.length > 0) return found
  if (paths.length > 0 || [...changed].length > 0) return []
  const message = `Git would not move the checkout: ${words.replaceAll('\n', '; ')}`
  return [blocker('checkout_blocked', project.top, message, sh`git -C ${project.top} status`)]
}

function putAside(top: string, found: readonly InTheWay[]): Remedy {
  const of = (...kinds: readonly string[]) =>
    found.filter(({ kind }) => kinds.includes(kind)).map(({ path }) => path)
  const show = found.flatMap(({ path, option }) =>
    option === undefined ? [] : [sh`git -C ${top} update-index ${option} -- ${path}`],
  )
  const [seen, untracked] = [of('tracked', 'hidden'), of('untracked')]
  return inTurn(
    ...show,
    ...(seen.length > 0 && untracked.length === 0 ? [sh`git -C ${top} stash push -- ${seen}`] : []),
    ...(untracked.length > 0
      ? [sh`git -C ${top} stash push --include-untracked -- ${[...seen, ...untracked]}`]
      : []),
    // No stash takes ignored files by name.
    ...found.flatMap(({ path, aside }) => (aside === undefined ? [] : [sh`mv ${join(top, path)} ${aside}`])),
  )
}

export const noOpenOperation: Rule = ({ standing, project }) => {
  const { operation } = standing
  if (operation === undefined) return []
  const { name, abort, goOn } = operation
  const drop = name === 'bisect' ? '' : ` Finish it, or drop it with what was resolved: git ${abort}`
  return [blocker('merge_in_progress', project.top, `A git ${name} is open in ${project.top}.${drop}`, goOn)]
}

/** In the checkout, and in the worktrees of lanes, where remedies and the removal would fail. */
export const nobodyAtTheIndex: Rule = ({ standing, project, laneFacts }) => {
  const lanes = laneFacts
    .filter(takesPart)
    .map(({ worktree, home, lock }) => ({ place: worktree ?? home, lock }))
  return [{ place: project.top, lock: standing.lock }, ...lanes].flatMap(({ place, lock }) =>
    lock === undefined
      ? []
      : [
          blocker(
            'index_locked',
            place,
            `Another git is at work in ${place}, or one crashed there: ${lock} exists. When none runs, remove it`,
            sh`rm ${lock}`,
          ),
        ],
  )
}

export const identityKnown: Rule = ({ identityProblem, project }) =>
  identityProblem === undefined ? [] : [cannotCommit(project.top, nameless(project.top, identityProblem))]

function cannotCommit(top: string, { code, message, remedy }: CommitTrouble): MergeBlocker {
  return blocker(code, top, message, remedy)
}

export const signaturePossible: Rule = ({ project }, _, { signing }) =>
  signing === undefined ? [] : [cannotCommit(project.top, unsigned(project.top, signing))]

export const filtersWork: Rule = ({ project }, _, { filter }) => {
  if (filter === undefined) return []
  // Git names the program first, in quotes, and the filter after it.
  const name = /(?:smudge|clean|process) filter '?([^\s']+)'? failed/.exec(filter)?.[1] ?? 'lfs'
  return [
    blocker(
      'filter_failed',
      project.top,
      `A filter that is required does not give the contents of files: ${filter.replaceAll('\n', '; ')}. Mend it, or let git write them without`,
      sh`git -C ${project.top} config ${`filter.${name}.required`} false`,
    ),
  ]
}
