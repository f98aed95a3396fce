/** `implement --recover`: puts back what a crashed session had left undone (docs/lanes.md). */
import type { ImplementRecover } from '@spec-kitty/contracts/cli/implement'
import type { ExecutionLane } from '@spec-kitty/contracts/files/lanes-json'
import type { Sha } from '@spec-kitty/contracts/ids'
import type { JsonObject } from '@spec-kitty/contracts/json'
import type { Remedy } from '@spec-kitty/contracts/sh'
import { contextPath, printContext } from '../repo/lanes/context.ts'
import { findLost, lastStand, WITNESSES } from '../repo/lanes/lost.ts'
import { requireLanes } from '../repo/lanes/manifest.ts'
import { laneBranch, laneDirectory, laneWorktree, PLANNING_LANE } from '../repo/lanes/names.ts'
import { type LaneSite, laneSite, placeLane, siteTrouble } from '../repo/lanes/place.ts'
import { drawStamps } from '../repo/log/emit.ts'
import { laneOf as statusLane } from '../repo/log/reduce.ts'
import { planWalk, standing } from '../repo/log/transition.ts'
import { findWorkPackage, listWpIds, readWorkPackages, type WorkPackage } from '../repo/tasks/work-package.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { write } from '../write/write.ts'
import { startRequests } from './claim.ts'
import type { StartFacts } from './start.ts'

export interface RecoverInput {
  readonly wpId: string
  readonly mission?: string | undefined
  readonly autoCommit?: boolean | undefined
}

interface RecoverFacts extends Omit<StartFacts, 'lane'> {
  readonly refs: ReadonlyMap<string, Sha>
  readonly isThere: (path: string) => boolean
  readonly siteOf: (path: string, branch: string) => LaneSite
  readonly stoodAt: (path: string) => Sha | undefined
}

/** Worktrees and contexts of all begun lanes; the named package goes from claimed to in progress, never further. */
export async function recover(ports: Ports, input: RecoverInput): Promise<ImplementRecover> {
  return write(ports, input, async scene => {
    const { project, mission, config } = scene
    const status = await scene.status()
    const packages = (await readWorkPackages(ports, mission)).found
    const lanes = requireLanes(ports, mission)
    const [refs, worktrees] = await Promise.all([
      ports.git.refs(project.top, WITNESSES),
      ports.git.worktrees(project.top),
    ])
    const facts: RecoverFacts = {
      project,
      mission,
      config,
      status,
      lanes,
      packages,
      ids: listWpIds(ports, mission),
      wp: await findWorkPackage(ports, mission, input.wpId),
      refs,
      isThere: path => ports.files.stat(path) !== undefined,
      siteOf: (path, branch) => laneSite(ports.files, worktrees, path, branch),
      stoodAt: path => lastStand(ports.files, project.commonDir, path),
    }
    const repairs: Repair[] = []
    for (const lane of lanes.lanes) repairs.push(await repairLane(ports, facts, lane))
    const events = resume(ports, facts)
    return {
      files: repairs.flatMap(repair => repair.changes),
      events: events.length === 0 ? undefined : events,
      paths: [],
      message: `chore: ${facts.wp.id} claimed for implementation`,
      answer: answerOf(facts, repairs, events.length),
    }
  })
}

interface Repair {
  readonly changes: readonly Change[]
  readonly worktree?: string
  readonly context?: string
  readonly error?: string
  readonly wps: readonly string[]
}

const NOTHING: Repair = { changes: [], wps: [] }

async function repairLane(ports: Ports, facts: RecoverFacts, lane: ExecutionLane): Promise<Repair> {
  const { project, mission, status } = facts
  const begun = facts.packages.filter(
    item => lane.wp_ids.includes(item.id) && isBegun(statusLane(status.reduction, item.id)),
  )
  if (lane.lane_id === PLANNING_LANE || begun.length === 0) return NOTHING
  const branch = laneBranch(mission, lane.lane_id)
  const path = laneDirectory(project, mission, lane.lane_id)
  const wps = begun.map(item => item.id)
  const wrong = (message: string, remedy: Remedy): Repair => ({
    changes: [],
    wps: [],
    error: `${message}: ${remedy}`,
  })
  if (!facts.refs.has(`refs/heads/${branch}`)) {
    const recorded = begun.findLast(item => item.baseCommit !== null)?.baseCommit ?? undefined
    const found = findLost({ branch, refs: facts.refs, stood: facts.stoodAt(path), recorded })
    // Work that was never begun through a worktree has no branch to miss.
    if (found === undefined) return NOTHING
    return wrong(`Branch '${branch}' of ${lane.lane_id} held work and is gone`, found.remedy)
  }
  const site = facts.siteOf(path, branch)
  const trouble = await siteTrouble(ports, site, branch)
  if (trouble !== undefined) return wrong(trouble.message, trouble.remedy)
  const context = contextPath(project.root, mission.slug, lane.lane_id)
  const changes: Change[] = []
  const worktreeGone = site.worktree === undefined
  const contextGone = !facts.isThere(context)
  if (worktreeGone) changes.push(...placeLane(project.top, site, branch))
  if (contextGone)
    changes.push({
      kind: 'write_file',
      path: context,
      content: contextOf(facts, lane, begun, ports.clock.now()),
    })
  if (changes.length === 0) return NOTHING
  return {
    changes,
    wps,
    ...(worktreeGone ? { worktree: laneWorktree(mission, lane.lane_id) } : {}),
    ...(contextGone ? { context: `${mission.slug}-${lane.lane_id}` } : {}),
  }
}

function isBegun(lane: string): boolean {
  return (
    lane === 'claimed' ||
    lane === 'in_progress' ||
    lane === 'for_review' ||
    lane === 'in_review' ||
    lane === 'approved'
  )
}

function contextOf(
  { mission, lanes }: RecoverFacts,
  lane: ExecutionLane,
  begun: readonly WorkPackage[],
  now: string,
): string {
  const current = begun.at(-1)
  return printContext(mission, lane, {
    wp_id: current?.id ?? '',
    current_wp: current?.id ?? null,
    base_branch: lanes.mission_branch,
    base_commit: current?.baseCommit ?? null,
    dependencies: current?.dependencies ?? [],
    created_at: now,
    created_by: 'recovery',
  })
}

function resume(ports: Ports, { mission, status, wp }: RecoverFacts): readonly JsonObject[] {
  const from = standing(status.reduction, wp.id)
  if (from.lane !== 'claimed') return []
  const start = { wpId: wp.id, lane: from.lane, actor: 'recovery', workspace: mission.slug, isolated: true }
  const requests = startRequests(start)
  return planWalk(mission, from, requests, drawStamps(ports, status, requests.length))
}

function answerOf(facts: RecoverFacts, repairs: readonly Repair[], transitions: number): ImplementRecover {
  const errors = repairs.flatMap(repair => repair.error ?? [])
  const wps = [...repairs.flatMap(repair => repair.wps), ...(transitions > 0 ? [facts.wp.id] : [])]
  return {
    status: errors.length === 0 ? 'success' : 'error',
    wp_id: facts.wp.id,
    recovered_wps: [...new Set(wps)],
    worktrees_recreated: repairs.flatMap(repair => repair.worktree ?? []),
    contexts_recreated: repairs.flatMap(repair => repair.context ?? []),
    transitions_emitted: transitions,
    errors,
  }
}
