/** Why lanes cannot be merged as they are. */
import type { MergeBlocker } from '@spec-kitty/contracts/cli/merge-dry-run'
import type { Sha } from '@spec-kitty/contracts/ids'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { conflictWords } from '../repo/lanes/combine.ts'
import { commitAll, commitRest, takeIn } from '../repo/lanes/dirt.ts'
import { revive } from '../repo/lanes/place.ts'
import { fileBack } from '../repo/tasks/without-file.ts'
import { join } from '../text/paths.ts'
import { blocker, inLane, inTurn, leaveFor, list, mergeIntoLane, type Rule } from './blocker.ts'
import { type MergeFacts, takesPart, targetRef } from './facts.ts'
import { closure, type Graph } from './graph.ts'
import type { LaneFact } from './lane-facts.ts'

/** A worktree that is not quietly on its branch, or that git cannot read: what is in it would be left out. */
export const lanesAtHome: Rule = facts =>
  facts.laneFacts.filter(takesPart).flatMap(lane => {
    const { top } = facts.project
    const { home, place } = lane
    const say = (code: string, what: string, remedy: Remedy, at = home) => [
      blocker(code, lane.id, `${at}, the folder of ${lane.id}, ${what}`, remedy, {
        lane: lane.id,
        worktree: at,
      }),
    ]
    if (place.kind === 'foreign')
      return say('lane_folder_foreign', 'is a repository of its own', sh`mv ${home} ${`${home}.other`}`)
    if (place.kind === 'unreadable') {
      const remedy = place.known ? sh`git -C ${top} worktree repair ${home}` : readopt(top, lane)
      return say('lane_worktree_unreadable', 'is no worktree that git can read', remedy)
    }
    if (lane.stop !== undefined) {
      const { name, abort, goOn } = lane.stop
      const what = `is in the middle of a git ${name} (to drop it: git ${abort})`
      return say('lane_operation_open', what, goOn, lane.stop.place)
    }
    if (place.kind !== 'worktree') return []
    if (place.branch === lane.branch) return []
    const where = place.branch === null ? 'a detached HEAD' : `branch ${place.branch}`
    return say('lane_off_branch', `is on ${where}, not on ${lane.branch}`, comeBack(facts, lane))
  })

/** Makes the folder a worktree again with everything that is in it; what is not there comes back. */
function readopt(top: string, lane: LaneFact): Remedy {
  const { home, branch } = lane
  const kept = `${home}.kept`
  return inTurn(
    sh`mv ${home} ${kept}`,
    sh`git -C ${top} worktree prune`,
    sh`git -C ${top} worktree add --no-checkout ${home} ${branch}`,
    sh`mv ${join(home, '.git')} ${join(kept, '.git')}`,
    sh`rmdir ${home}`,
    sh`mv ${kept} ${home}`,
    sh`git -C ${home} reset -q`,
    sh`git -C ${home} ls-files --deleted -z | git -C ${home} checkout-index -z --stdin`,
  )
}

/** Back to the lane's branch, which another checkout may have to leave first, with the commits that were made elsewhere. */
function comeBack(facts: MergeFacts, lane: LaneFact): Remedy {
  const { elsewhere } = lane.site
  const back = backHome(facts, lane)
  if (elsewhere === undefined) return back
  const { project, options, target, targetElsewhere } = facts
  const free = elsewhere === project.top && target !== null && targetElsewhere === undefined
  return inTurn(free ? leaveFor(facts, options.target) : sh`git -C ${elsewhere} switch --detach`, back)
}

function backHome({ graph, missionTip, target, rev }: MergeFacts, lane: LaneFact): Remedy {
  const { home, place, branch, tip } = lane
  if (place.kind !== 'worktree' || place.head === null) return sh`git -C ${home} switch ${branch}`
  if (tip === null) return sh`git -C ${home} switch -c ${branch}`
  if (lane.adrift.paths.length > 0) return backWithEdits(lane, graph, tip)
  const { head } = place
  const known = closure(graph, tip)
  const held = head === tip || known.has(head) || (!graph.has(head) && head === (missionTip ?? target))
  if (held) return sh`git -C ${home} switch ${branch}`
  const goesOn = closure(graph, head).has(tip) || tip === (missionTip ?? target)
  if (goesOn && place.branch === null) return sh`git -C ${home} switch -C ${branch}`
  return inTurn(
    sh`git -C ${home} switch ${branch}`,
    sh`git -C ${home} merge ${place.branch === null ? head : rev(place.branch)}`,
  )
}

/** Git would not switch past edits of what differs there: they are committed where they are, and come along. */
function backWithEdits({ id, home, place, branch, adrift }: LaneFact, graph: Graph, tip: Sha): Remedy {
  const commit = commitAll(home, adrift, `Finish ${id}`)
  const head = place.kind === 'worktree' ? place.head : null
  const detached = place.kind === 'worktree' && place.branch === null
  if (detached && head !== null && closure(graph, head).has(tip))
    return inTurn(commit, sh`git -C ${home} switch -C ${branch}`)
  return inTurn(commit, sh`git -C ${home} switch ${branch}`, sh`git -C ${home} merge @{-1}`)
}

const FOUND: Readonly<Record<string, string>> = {
  approval: 'the approval names its last commit',
  remote: 'the remote has it',
  backup: 'it is under refs/kitty/backup',
  branch: 'another branch has it',
  lost: 'git still has commits of it',
}

export const laneBranchesExist: Rule = ({ laneFacts, mission, project, withoutFile }) =>
  laneFacts
    .filter(lane => lane.tip === null && takesPart(lane) && !lane.untouched)
    // Blocked before anybody began leaves nothing behind: that it is blocked is what to tell.
    .filter(lane => !lane.held || lane.traces.length > 0)
    .filter(lane => lane.place.kind !== 'worktree' || lane.place.head === null)
    .map(lane => {
      const { id, branch, traces, wpIds } = lane
      const [best] = traces
      const what = `${id} (${wpIds.join(', ')}) has no branch ${branch}`
      const about = {
        lane: id,
        expected_branch: branch,
        traces: traces.map(({ kind, start }) => ({ kind, start })),
      }
      if (best !== undefined) {
        const words = FOUND[best.kind] ?? ''
        const remedy = sh`git -C ${project.top} branch ${branch} ${best.start}`
        return blocker('missing_lane_branch', branch, `${what}; ${words}`, remedy, about)
      }
      // Never an empty branch: the package would be done without its code.
      const note = `the branch ${branch} is gone`
      const steps = wpIds.map(wpId =>
        withoutFile.includes(wpId)
          ? fileBack(wpId, mission)
          : sh`spec-kitty agent tasks move-task ${wpId} --to planned --force --note ${note} --mission ${mission.slug}`,
      )
      return blocker(
        'missing_lane_branch',
        branch,
        `${what}, and its work is nowhere to be found`,
        inTurn(...steps),
        about,
      )
    })

export const lanesWithRemote: Rule = ({ laneFacts, graph, project, target, remoteRev }) => {
  const landed = target === null ? new Set() : closure(graph, target)
  return laneFacts.filter(takesPart).flatMap(lane => {
    const { tip, pushed } = lane
    if (tip === null || pushed === undefined || pushed.tip === tip || !graph.has(pushed.tip)) return []
    if (closure(graph, tip).has(pushed.tip) || landed.has(pushed.tip)) return []
    return [
      blocker(
        'lane_behind_remote',
        lane.branch,
        `${pushed.name} has commits that ${lane.branch} of ${lane.id} does not have`,
        mergeIntoLane(project.top, lane, [remoteRev(pushed.name)]),
        { lane: lane.id },
      ),
    ]
  })
}

export const laneWorktreesClean: Rule = ({ laneFacts, project }) =>
  laneFacts
    .filter(lane => takesPart(lane) && lane.stop === undefined)
    .flatMap(lane => {
      const { staged } = lane.site
      if (staged !== undefined && !staged.locked) {
        const { path, paths } = staged
        const message = `${path}, the folder of ${lane.id}, is gone, and what was staged in it is in no commit: ${list(paths)}`
        const about = { lane: lane.id, worktree: path, paths }
        return [blocker('dirty_lane_worktree', lane.id, message, revive(project.top, staged), about)]
      }
      const place = lane.worktree ?? lane.home
      const { dirt } = lane
      const about = { lane: lane.id, worktree: lane.worktree }
      const found: MergeBlocker[] = dirt.nested.map(inner =>
        blocker(
          'nested_repository',
          lane.id,
          `${join(place, inner.path)} is a repository of its own: git would take it in without its files`,
          takeIn(place, inner),
          { ...about, paths: [inner.path] },
        ),
      )
      const remedy = commitRest(place, dirt, `Finish ${lane.id}`)
      if (remedy === undefined) return found
      const rest = dirt.paths.filter(path => dirt.nested.every(inner => inner.path !== path))
      const message = `The worktree of ${lane.id} has uncommitted changes: ${list(rest)}`
      return [...found, blocker('dirty_lane_worktree', lane.id, message, remedy, { ...about, paths: rest })]
    })

/** A gitlink that .gitmodules does not name brings no files, and nobody can fetch them. */
export const noStrayLinks: Rule = ({ project }, _, { ledger }) =>
  (ledger?.strayLinks ?? []).map(({ lane, path, inner }) =>
    blocker(
      'nested_repository',
      lane.id,
      `${path} in ${lane.id} is a link to a repository that .gitmodules does not name: its files would not arrive`,
      inLane(project.top, lane, place => {
        const drop = sh`git -C ${place} update-index --force-remove -- ${path}`
        if (inner?.filled === true && !inner.linked) return inTurn(drop, takeIn(place, inner))
        const commit = sh`git -C ${place} commit -m ${`Drop the link ${path}`}`
        return inTurn(drop, ...(inner === undefined ? [] : [takeIn(place, inner)]), commit)
      }),
      { lane: lane.id, paths: [path] },
    ),
  )

export const approvedCodeUnchanged: Rule = ({ staleApprovals, mission }, _, { late }) =>
  (staleApprovals === 'warn' ? [] : late.filter(({ commits }) => commits.length > 0)).map(
    ({ lane, commits }) => {
      const shown = commits.map(commit => commit.slice(0, 12))
      return blocker(
        'approved_code_changed',
        lane.id,
        `${lane.branch} has commits that came after its approval: ${list(shown)}`,
        lane.wpIds.map(wpId =>
          inTurn(
            sh`spec-kitty agent tasks move-task ${wpId} --to for_review --note "its code changed after the approval" --mission ${mission.slug}`,
            sh`spec-kitty agent action review ${wpId} --agent NAME --mission ${mission.slug}`,
          ),
        ),
        { lane: lane.id, commits: [...commits], approved: lane.approvedHead ?? null },
      )
    },
  )

export const planningFilesKept: Rule = ({ project, ...facts }, _, { ledger }) =>
  (ledger?.planning ?? [])
    .filter(({ deleted }) => deleted.length > 0)
    .map(({ lane, through, deleted }) =>
      blocker(
        'lane_deletes_planning',
        through ?? lane.id,
        `${through ?? lane.id} deletes planning files: ${list(deleted)}`,
        inLane(project.top, lane, place =>
          inTurn(
            ...(through === undefined ? [] : [sh`git -C ${place} merge ${facts.rev(through)}`]),
            sh`git -C ${place} restore ${[`--source=${targetRef(facts)}`]} --staged --worktree --ignore-skip-worktree-bits -- ${deleted}`,
            sh`git -C ${place} commit -m "Put planning files back"`,
          ),
        ),
        { lane: lane.id, paths: [...deleted] },
      ),
    )

/** A copy of a file that the merge has to read, as a lane or a branch committed it. */
export const laneFilesReadable: Rule = (facts, _, { unreadable }) =>
  unreadable.map(({ lane, rev, path, problem, good }) => {
    const { project, options, missionBranch, missionTip, standing, targetElsewhere } = facts
    const begun = missionTip === null ? targetRef(facts) : facts.rev(missionBranch)
    const source = good === (missionTip ?? facts.target) ? begun : good
    const takeBack = (place: string): Remedy =>
      source === undefined
        ? sh`No commit has a copy that can be read: mend ${path} in ${place} by hand, and commit it`
        : inTurn(
            sh`git -C ${place} checkout ${source} -- ${path}`,
            sh`git -C ${place} commit -m "Take back the last good copy" -- ${path}`,
          )
    if (lane !== undefined) {
      const message = `${path} as ${lane.id} committed it cannot be read: ${problem}`
      const about = { lane: lane.id, paths: [path] }
      return blocker('lane_file_malformed', lane.id, message, inLane(project.top, lane, takeBack), about)
    }
    const branch = rev === missionTip ? missionBranch : options.target
    const place = (branch === options.target ? targetElsewhere?.path : undefined) ?? project.top
    const there = place !== project.top || standing.branch === branch
    const remedy = inTurn(...(there ? [] : [sh`git -C ${place} switch ${branch}`]), takeBack(place))
    const message = `${path} of ${branch} cannot be read: ${problem}`
    return blocker('file_malformed', path, message, remedy, { paths: [path] })
  })

export const lanesMergeable: Rule = ({ project }, { laneConflicts }) =>
  laneConflicts.map(({ lane, others, conflict }) => {
    const names = others.map(other => other.name).join(', ')
    return blocker(
      'lane_conflict',
      lane.id,
      `${lane.id} conflicts with ${names}: ${conflictWords(conflict)}`,
      mergeIntoLane(
        project.top,
        lane,
        others.map(other => other.branch),
        conflict,
      ),
      { lane: lane.id, other: others[0]?.name ?? '', files: [...conflict.files] },
    )
  })
