import { Merge, type MergeDone, type MergeLanded, type MergeLanding } from '@spec-kitty/contracts/cli/merge'
import type { MergeBlocked, MergeBlocker, MergeReady } from '@spec-kitty/contracts/cli/merge-dry-run'
import { sh } from '@spec-kitty/contracts/sh'
import { landMission } from '@spec-kitty/core/landing/landing'
import { choice, defineCommand, missionFlag, optionalArg, text, toggle } from '../command.ts'
import type { Style } from '../style.ts'
import { VERSION } from '../version.ts'

const STRATEGIES = ['merge', 'squash', 'rebase'] as const

export const command = defineCommand({
  description:
    'Merges the approved lanes of a mission into its target branch. Everything is checked and built before the first branch moves; every problem is listed with its remedy. An interrupted merge is finished with --resume or taken back with --abort. What goes with a worktree or branch is kept: commits below refs/kitty/backup/, ignored files in .git/kitty-kept/. Where the target takes no pushes, --pr pushes the landing as one branch for a pull request, and --landed settles the mission once its content is on the target.',
  examples: [
    'spec-kitty merge --dry-run',
    'spec-kitty merge --mission hello --strategy merge --keep-branch',
    'spec-kitty merge --pr',
    'spec-kitty merge --landed',
    'spec-kitty merge --resume',
  ],
  args: {
    commit: optionalArg('with --landed: the commit of the target that brought it (default: looked for)'),
  },
  flags: {
    mission: missionFlag,
    dryRun: toggle('check and report, change nothing'),
    strategy: choice(STRATEGIES, 'how the work lands (default: as configured, else squash)'),
    pr: toggle('push the landing as one branch and open a pull request; the target is left alone'),
    draft: toggle('the pull request is a draft'),
    remote: text('where the pull request goes (default: the remote of the target)', { value: 'REMOTE' }),
    base: text('the branch that the pull request goes to (default: the target)', { value: 'BRANCH' }),
    landed: toggle('settle a mission whose content has arrived on the target'),
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
    landMission(ports, {
      ...input,
      version: VERSION,
      deleteBranch: input.keepBranch === true ? false : input.deleteBranch,
      removeWorktree: input.keepWorktree === true ? false : input.removeWorktree,
    }),
  status: result => (isBlocked(result) ? 1 : 0),
  text: (result, style) => {
    if (isBlocked(result)) return blocked(result, style)
    if (!('result' in result)) return ready(result, style)
    if (result.result === 'landing') return landing(result, style)
    if (result.result === 'landed') return landed(result, style)
    return result.result === 'aborted' ? result.message : done(result, style)
  },
})

function isBlocked(result: Merge): result is MergeBlocked {
  return 'ready' in result && result.ready === false
}

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

function landing(result: MergeLanding, style: Style): string {
  const { mission_slug: slug, branch, remote, target_branch: target, pr, ready } = result
  const where = `${branch} at ${remote}`
  const pushed = result.pushed ? `Pushed ${where}` : `${where} holds all of it already`
  const opened =
    pr !== null
      ? `  pull request #${pr.number}: ${pr.url}`
      : result.compare_url !== null
        ? `  open the pull request: ${result.compare_url}`
        : `  open a pull request of ${branch} to ${target}`
  const steps = [
    opened,
    ...(pr === null ? [`  title: ${result.title}`, `  body:  ${result.body_file}`] : []),
    style.dim(sh`  once it is merged: spec-kitty merge --landed --fetch --mission ${slug}`),
  ]
  return [
    style.green(
      ready
        ? `${slug} is ready to land on ${target}: would push ${where}.`
        : `${pushed}, for ${target} (${result.strategy}, ${result.head.slice(0, 12)}).`,
    ),
    ...(ready ? [`  title: ${result.title}`, '', result.body, ''] : steps),
    ...notes(result, style),
    ...(ready ? ['Nothing was changed.'] : []),
  ].join('\n')
}

function landed(result: MergeLanded, style: Style): string {
  const { mission_slug: slug, target_branch: target, how, commit, mission_number: number } = result
  const place = `${target} (${how}, ${commit.slice(0, 12)})${number === null ? '' : ` as mission ${number}`}`
  return [
    style.green(`${slug} has landed on ${place}.`),
    ...settled(result, style),
    ...(result.ready ? ['Nothing was changed.'] : []),
  ].join('\n')
}

/** What was finished and cleaned up. */
function settled(
  result: Pick<
    MergeDone,
    'done_work_packages' | 'removed_worktrees' | 'deleted_branches' | 'warnings' | 'kept'
  >,
  style: Style,
): readonly string[] {
  const { done_work_packages: wps, removed_worktrees: trees } = result
  return [
    ...(wps.length > 0 ? [`  done: ${wps.join(', ')}`] : []),
    ...(trees.length > 0
      ? [`  removed ${trees.length} ${trees.length === 1 ? 'worktree' : 'worktrees'}`]
      : []),
    ...(result.deleted_branches.length > 0 ? [`  deleted ${result.deleted_branches.join(', ')}`] : []),
    ...notes(result, style),
    ...result.kept.map(({ subject, reason }) => `  kept ${subject}: ${reason}`),
  ]
}

function done(result: MergeDone, style: Style): string {
  const { mission_slug: slug, target_branch: target } = result
  const commit = result.merge_commit.slice(0, 12)
  const number = result.mission_number === null ? '' : ` as mission ${result.mission_number}`
  return [
    style.green(`Merged ${slug} into ${target} (${result.strategy}, ${commit})${number}.`),
    ...settled(result, style),
    ...(result.pushed ? [`  pushed ${target}`] : []),
    style.dim(`  every branch as it was: ${result.backup_refs[0]?.split('/heads/')[0] ?? 'not kept'}`),
  ].join('\n')
}
