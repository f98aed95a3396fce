/** What is written down beside the lanes, and the end of a mission: history, acceptance, merge. */
import type { MergeBlocked } from '@spec-kitty/contracts/cli/merge-dry-run'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { accept } from '../accept/accept.ts'
import { isFinished, isSettled } from '../accept/rules.ts'
import { mergeMission } from '../merge/merge.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { findWorkPackage } from '../repo/tasks/work-package.ts'
import { addHistory } from '../tasks/add-history.ts'
import type { Ports } from '../world/ports.ts'
import { ApiRefusal } from './refusal.ts'
import { missionHead, readScene, sceneLane } from './scene.ts'

export interface HistoryInput {
  readonly mission: string
  readonly wp: string
  readonly actor: string
  readonly note: string
}

/** Throws `WP_NOT_FOUND`, `HISTORY_COMMIT_FAILED`. */
export async function appendHistory(ports: Ports, input: HistoryInput) {
  const { mission } = await readScene(ports, input.mission)
  const wp = await findWorkPackage(ports, mission, input.wp)
  try {
    await addHistory(ports, { taskId: wp.id, note: input.note, mission: mission.slug, agent: input.actor })
  } catch (cause) {
    if (!(cause instanceof KittyError) || cause.code !== 'git_failed') throw cause
    throw new ApiRefusal('HISTORY_COMMIT_FAILED', cause.message)
  }
  return { ...missionHead(mission), wp_id: wp.id, history_entry_id: `hist-${ports.ids.hex(32)}` }
}

/**
 * Accepts when every work package is approved, done or given up: that is the contract. What `spec-kitty accept` asks
 * for besides is told as warnings. Throws `MISSION_NOT_READY`.
 */
export async function acceptMission(
  ports: Ports,
  input: { readonly mission: string; readonly actor: string },
) {
  const scene = await readScene(ports, input.mission)
  const { mission } = scene
  const record = await accept(ports, { mission: mission.slug, actor: input.actor, byOrchestrator: true })
  if (!('accepted_at' in record)) {
    const incomplete = scene.ids
      .map(id => ({ id, lane: sceneLane(scene, id) }))
      .filter(wp => !isSettled(wp))
      .map(wp => wp.id)
    const message =
      incomplete.length === 0
        ? `Mission '${mission.slug}' has no approved work package`
        : `Not approved or done: ${incomplete.join(', ')}`
    throw new ApiRefusal('MISSION_NOT_READY', message, {
      ...missionHead(mission),
      incomplete_wps: incomplete,
    })
  }
  return {
    ...missionHead(mission),
    accepted: true as const,
    mode: 'auto' as const,
    accepted_at: record.accepted_at,
    accepted_wps: record.accepted_wps,
    approved_wps: record.approved_wps,
    done_wps: record.done_wps,
    merge_pending_wps: record.merge_pending_wps,
    warnings: record.summary.failed_checks.map(check => check.detail),
  }
}

export interface ApiMergeInput {
  /** Of the program. */
  readonly version: string
  readonly mission: string
  readonly target?: string | undefined
  readonly strategy?: string | undefined
  readonly push?: boolean | undefined
}

const STRATEGIES = ['merge', 'rebase', 'squash'] as const

/** Throws `UNSUPPORTED_STRATEGY`, `PREFLIGHT_FAILED` with every blocker, and what `spec-kitty merge` throws. */
export async function apiMerge(ports: Ports, input: ApiMergeInput) {
  const strategy = STRATEGIES.find(known => known === (input.strategy ?? 'merge'))
  if (strategy === undefined) {
    throw new ApiRefusal('UNSUPPORTED_STRATEGY', `Unknown strategy '${input.strategy}'`, {
      strategy: input.strategy ?? '',
      supported: STRATEGIES,
    })
  }
  const scene = await readScene(ports, input.mission)
  const { mission } = scene
  const { version, target, push } = input
  const merge = await preflight(mission, target ?? mission.targetBranch, () =>
    mergeMission(ports, { version, mission: mission.slug, target, strategy, push }),
  )
  if ('ready' in merge) {
    if (!merge.ready) throw blocked(mission, merge)
    throw new Error('a merge that was only looked at')
  }
  if (merge.result === 'aborted') throw new Error('a merge that was taken back')
  return {
    ...missionHead({ ...mission, number: merge.mission_number }),
    merged: true as const,
    target_branch: merge.target_branch,
    strategy: merge.strategy,
    merge_commit: merge.merge_commit,
    merged_wps: scene.ids.filter(id => isFinished({ lane: sceneLane(scene, id) })),
    worktree_removed: merge.removed_worktrees.length > 0,
  }
}

/** Without lanes there is nothing to look at: for the contract that is a failed preflight too. */
async function preflight<T>(mission: Mission, target: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    if (!(cause instanceof KittyError) || cause.code !== 'tasks_not_finalized') throw cause
    throw new ApiRefusal('PREFLIGHT_FAILED', cause.message, {
      ...missionHead(mission),
      target_branch: target,
      errors: [cause.message],
      hint: cause.hint ?? sh``,
    })
  }
}

function blocked(mission: Mission, merge: MergeBlocked): ApiRefusal {
  const errors = merge.blockers.map(blocker => blocker.message)
  return new ApiRefusal('PREFLIGHT_FAILED', errors.join(' · '), {
    ...missionHead(mission),
    target_branch: merge.target_branch,
    errors,
    blockers: merge.blockers.map(({ code, subject, message, remediation }) => ({
      code,
      subject,
      message,
      remediation,
    })),
  })
}
