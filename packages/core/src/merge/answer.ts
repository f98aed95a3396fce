/** What a merge answers: the same document for a dry run and for a real merge that was refused. */
import type { MergeDone } from '@spec-kitty/contracts/cli/merge'
import type { MergeBlocked, MergeReady } from '@spec-kitty/contracts/cli/merge-dry-run'
import type { MergeState } from '@spec-kitty/contracts/files/merge-state'
import type { Judgement } from './judge.ts'
import type { Landing } from './landing.ts'

/** The preview; not ready when there is a blocker. */
export function previewAnswer(
  version: string,
  { facts, blockers, warnings }: Pick<Judgement, 'facts' | 'blockers' | 'warnings'>,
): MergeReady | MergeBlocked {
  const { options, mission, nextNumber } = facts
  const shared = {
    spec_kitty_version: version,
    mission_slug: mission.slug,
    target_branch: options.target,
    strategy: options.strategy,
    delete_branch: options.delete_branch,
    remove_worktree: options.remove_worktree,
    push: options.push,
    mission_branch: facts.missionBranch,
    lanes: facts.lanes.lanes,
    ...(nextNumber === null ? {} : { would_assign_mission_number: nextNumber }),
    blockers: [...blockers],
    warnings: [...warnings],
  }
  // A missing mission branch is what simple readers look for; otherwise the first one speaks.
  const first = blockers.find(blocker => blocker.code === 'missing_mission_branch') ?? blockers[0]
  if (first === undefined) return { ready: true, ...shared }
  return {
    ...first,
    ready: false,
    ...shared,
    blocked: true,
    diagnostic_code: String(first.diagnostic_code ?? first.code),
    error: first.message,
  }
}

/** The answer of a finished merge. */
export function doneAnswer(
  version: string,
  { mission_slug, options, plan }: MergeState,
  summary: NonNullable<MergeState['summary']>,
  landing: Landing,
  resumed: boolean,
  warnings: readonly string[],
): MergeDone {
  return {
    result: 'success',
    spec_kitty_version: version,
    mission_slug,
    target_branch: options.target,
    strategy: options.strategy,
    ...summary,
    backup_refs: plan?.backups.map(backup => backup.ref) ?? [],
    removed_worktrees: [...landing.removedWorktrees],
    deleted_branches: [...landing.deletedBranches],
    kept: [...landing.kept],
    pushed: options.push,
    resumed,
    warnings: [...warnings],
  }
}
