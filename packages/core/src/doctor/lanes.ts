/** A mission's lanes against its work packages, and the branches and worktrees that should be there. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import type { Lane } from '@spec-kitty/contracts/lanes'
import { sh } from '@spec-kitty/contracts/sh'
import { type Finding, finding, refused } from '../repo/finding.ts'
import { laneBranch, laneWorktree, PLANNING_LANE } from '../repo/lanes/names.ts'
import { laneOf, type Reduction, stateOf } from '../repo/log/reduce.ts'
import { fileBack, withoutFile } from '../repo/tasks/without-file.ts'
import { basename } from '../text/paths.ts'
import { headOf, type MissionFacts } from './mission-facts.ts'

/** Lanes of the state machine in which the code of a work package exists on its branch. */
const BEGUN: readonly Lane[] = ['in_progress', 'for_review', 'in_review', 'approved', 'done']

/** What lanes.json and the work packages say of each other. */
export function laneFindings({ lanes, mission, wpIds, finished }: MissionFacts): readonly Finding[] {
  const path = `${mission.rel}/lanes.json`
  if (lanes === undefined) return []
  if (lanes instanceof KittyError) {
    return [refused({ code: 'lanes_malformed', path }, lanes)]
  }
  if (finished) return []
  const again = sh`spec-kitty agent mission finalize-tasks --mission ${mission.slug}`
  const planned = lanes.lanes.flatMap(lane => lane.wp_ids)
  const known = [...planned, ...(lanes.planning_artifact_wps ?? [])]
  const named = (ids: readonly string[]) => [...new Set(ids)].join(', ')
  const twice = planned.filter((id, i) => planned.indexOf(id) !== i)
  const unknown = planned.filter(id => !wpIds.includes(id))
  const without = wpIds.filter(id => !known.includes(id))
  const rows = [
    [twice, 'wp_in_two_lanes', 'error', 'is in two lanes'],
    [without, 'wp_without_lane', 'warning', 'is in no lane'],
  ] as const
  return [
    ...rows.flatMap(([ids, code, severity, what]) =>
      ids.length === 0 ? [] : [finding({ code, severity, path, message: `${named(ids)} ${what}` }, again)],
    ),
    ...unknown.map(id => {
      const message = withoutFile(id, mission)
      return finding({ code: 'lane_unknown_wp', severity: 'error', path, message }, fileBack(id, mission))
    }),
  ]
}

/** Branches may lie in another clone, so nothing here is an error. */
export function branchFindings(facts: MissionFacts): readonly Finding[] {
  const { lanes, mission, refs, finished, reduction } = facts
  if (finished || lanes === undefined || lanes instanceof KittyError || mission.coordination !== null)
    return []
  const begun = lanes.lanes.filter(
    lane => lane.lane_id !== PLANNING_LANE && begunIn(lane, reduction).length > 0,
  )
  const { slug, rel, targetBranch } = mission
  const expected = [
    [
      targetBranch,
      {
        code: 'target_branch_missing',
        path: `${rel}/meta.json`,
        name: `Target branch '${targetBranch}' of ${slug}`,
      },
      sh`git fetch, or make it: git branch ${targetBranch}`,
    ],
    [
      lanes.mission_branch,
      { code: 'mission_branch_missing', path: rel, name: `The mission branch '${lanes.mission_branch}'` },
      sh`spec-kitty merge --dry-run --mission ${slug}`,
    ],
  ] as const
  const missing = expected.flatMap(([branch, { code, path, name }, remedy]) =>
    begun.length === 0 || refs.has(headOf(branch))
      ? []
      : [finding({ code, severity: 'warning', path, message: `${name} does not exist here` }, remedy)],
  )
  return [...missing, ...begun.flatMap(lane => laneBranchFindings(facts, lane))]
}

type LaneRow = LanesJson['lanes'][number]

function begunIn(lane: LaneRow, reduction: Reduction | undefined): readonly string[] {
  return lane.wp_ids.filter(id => {
    const state = reduction === undefined ? undefined : stateOf(reduction, id)
    return state !== undefined && BEGUN.includes(state.lane)
  })
}

function laneBranchFindings(facts: MissionFacts, lane: LaneRow): readonly Finding[] {
  const { mission, refs, reduction, worktrees } = facts
  const branch = laneBranch(mission, lane.lane_id)
  const ids = begunIn(lane, reduction)
  const path = laneWorktree(mission, lane.lane_id)
  if (!refs.has(headOf(branch))) {
    const message = `${ids.join(', ')} was worked on, but branch '${branch}' does not exist here`
    const fix = sh`git fetch, or find its last commit: git reflog --all`
    return [finding({ code: 'lane_branch_missing', severity: 'warning', path, message }, fix)]
  }
  const open = ids.find(id => reduction !== undefined && laneOf(reduction, id) === 'in_progress')
  if (open === undefined || worktrees.includes(basename(path))) return []
  const message = `${open} is in progress, but its worktree ${path} is gone; the branch is there`
  const fix = sh`spec-kitty implement ${open} --recover --mission ${mission.slug}`
  return [finding({ code: 'worktree_missing', severity: 'warning', path, message }, fix)]
}
