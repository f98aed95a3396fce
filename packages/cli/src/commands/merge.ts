import { Merge, type MergeDone } from '@spec-kitty/contracts/cli/merge'
import type { MergeBlocked, MergeBlocker, MergeReady } from '@spec-kitty/contracts/cli/merge-dry-run'
import { sh } from '@spec-kitty/contracts/sh'
import { mergeMission } from '@spec-kitty/core/merge/merge'
import { choice, defineCommand, missionFlag, text, toggle } from '../command.ts'
import type { Style } from '../style.ts'
import { VERSION } from '../version.ts'

const STRATEGIES = ['merge', 'squash', 'rebase'] as const

export const command = defineCommand({
  description:
    'Merges the approved lanes of a mission into its target branch. Everything is checked and built before the first branch moves; every problem is listed with its remedy. An interrupted merge is finished with --resume or taken back with --abort.',
  examples: [
    'spec-kitty merge --dry-run',
    'spec-kitty merge --mission hello --strategy merge --keep-branch',
    'spec-kitty merge --resume',
  ],
  flags: {
    mission: missionFlag,
    dryRun: toggle('check and report, change nothing'),
    strategy: choice(STRATEGIES, 'how the work lands (default: as configured, else squash)'),
    target: text('merge into this branch (default: the target of the mission)', { value: 'BRANCH' }),
    push: toggle('compare with the remote first, push the target afterwards'),
    fetch: toggle('look at the remote before comparing with it'),
    resume: toggle('finish an interrupted merge'),
    abort: toggle('take an interrupted merge back'),
    deleteBranch: toggle('delete mission and lane branches afterwards (default)'),
    keepBranch: toggle('keep mission and lane branches'),
    removeWorktree: toggle('remove the lane worktrees afterwards (default)'),
    keepWorktree: toggle('keep the lane worktrees'),
    message: text('first words of the commit that lands (default: as always; title and packages follow)'),
    yes: toggle('never ask; accepted for scripts', { short: 'y' }),
    context: text('ignored', { hidden: true }),
    keepWorkspace: toggle('ignored', { hidden: true }),
    allowSparseCheckout: toggle('ignored', { hidden: true }),
  },
  writes: true,
  result: Merge,
  run: (ports, input) =>
    mergeMission(ports, {
      ...input,
      version: VERSION,
      deleteBranch: input.keepBranch === true ? false : input.deleteBranch,
      removeWorktree: input.keepWorktree === true ? false : input.removeWorktree,
    }),
  status: result => ('ready' in result && !result.ready ? 1 : 0),
  text: (result, style) => {
    if ('ready' in result) return result.ready ? ready(result, style) : blocked(result, style)
    return result.result === 'aborted' ? result.message : done(result, style)
  },
})

function ready(result: MergeReady, style: Style): string {
  const { mission_slug: slug, target_branch: target, mission_branch: branch, lanes } = result
  const number = result.would_assign_mission_number
  return [
    style.green(`${slug} is ready to be merged into ${target} (${result.strategy}).`),
    `  mission branch ${branch}`,
    ...lanes.map(lane => `  ${lane.lane_id}: ${lane.wp_ids.join(', ')}`),
    ...(number === undefined ? [] : [`  would assign mission_number=${number} to mission ${slug}`]),
    ...(result.push ? [`  would push ${target}`] : []),
    ...(result.remove_worktree ? ['  would remove the lane worktrees'] : []),
    ...(result.delete_branch ? ['  would delete the mission and lane branches'] : []),
    ...notes(result, style),
    `Nothing was changed. To merge: ${sh`spec-kitty merge --mission ${slug}`}`,
  ].join('\n')
}

function blocked(result: MergeBlocked, style: Style): string {
  const count = result.blockers.length
  const head = `Cannot merge ${result.mission_slug} into ${result.target_branch}: ${count} ${count === 1 ? 'blocker' : 'blockers'}.`
  return [
    style.red(head),
    ...result.blockers.flatMap(blocker => problem(blocker, style)),
    ...notes(result, style),
    'Nothing was changed.',
  ].join('\n')
}

function notes({ warnings }: { readonly warnings: readonly string[] }, style: Style): readonly string[] {
  return warnings.map(warning => style.yellow(`  note: ${warning}`))
}

function problem(blocker: MergeBlocker, style: Style): readonly string[] {
  const { code, message, remediation, diagnostic_code: diagnostic } = blocker
  const steps = typeof remediation === 'string' ? [remediation] : remediation
  const word = typeof diagnostic === 'string' && diagnostic !== code ? `${code}, ${diagnostic}` : code
  return [`  ${style.bold(message)} ${style.dim(`[${word}]`)}`, ...steps.map(step => `    → ${step}`)]
}

function done(result: MergeDone, style: Style): string {
  const { mission_slug: slug, target_branch: target, done_work_packages: wps } = result
  const commit = result.merge_commit.slice(0, 12)
  const number = result.mission_number === null ? '' : ` as mission ${result.mission_number}`
  return [
    style.green(`Merged ${slug} into ${target} (${result.strategy}, ${commit})${number}.`),
    ...(wps.length > 0 ? [`  done: ${wps.join(', ')}`] : []),
    ...(result.removed_worktrees.length > 0
      ? [
          `  removed ${result.removed_worktrees.length} ${result.removed_worktrees.length === 1 ? 'worktree' : 'worktrees'}`,
        ]
      : []),
    ...(result.deleted_branches.length > 0 ? [`  deleted ${result.deleted_branches.join(', ')}`] : []),
    ...notes(result, style),
    ...result.kept.map(({ subject, reason }) => `  kept ${subject}: ${reason}`),
    ...(result.pushed ? [`  pushed ${target}`] : []),
    style.dim(`  old values: ${result.backup_refs[0]?.split('/heads/')[0] ?? 'none'}`),
  ].join('\n')
}
