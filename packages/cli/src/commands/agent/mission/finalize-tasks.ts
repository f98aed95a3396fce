import {
  type FinalizeTasksCommand,
  FinalizeTasksCommand as Result,
} from '@spec-kitty/contracts/cli/finalize-tasks'
import { sh } from '@spec-kitty/contracts/sh'
import { finalizeTasks } from '@spec-kitty/core/mission/finalize'
import { autoCommitFlag, defineCommand, missionFlag, text, toggle } from '../../../command.ts'
import type { Style } from '../../../style.ts'
import { VERSION } from '../../../version.ts'

export const command = defineCommand({
  description:
    'Checks tasks.md and the work package files, computes the lanes, puts every work package into the lane planned, and commits. All problems are reported at once; nothing is written when there is one.',
  examples: [
    'spec-kitty agent mission finalize-tasks',
    'spec-kitty agent mission finalize-tasks --validate-only --json',
  ],
  flags: {
    mission: missionFlag,
    validateOnly: toggle('only check, and show what would be written'),
    targetBranch: text('branch to merge into, for a mission that does not say', { value: 'BRANCH' }),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: Result,
  run: async (ports, input): Promise<FinalizeTasksCommand> => ({
    ...(await finalizeTasks(ports, input)),
    spec_kitty_version: VERSION,
  }),
  text: show,
})

function show(result: FinalizeTasksCommand, style: Style): string {
  const warnings = [...result.ownership_warnings, ...result.dependency_warnings].map(
    line => `${style.yellow('Note:')} ${line}`,
  )
  if (result.result === 'validation_passed') {
    const changes = result.would_modify.map(
      ({ wp_id, changes: keys }) => `  ${wp_id}: ${Object.keys(keys).join(', ')}`,
    )
    const { lanes_preview: lanes } = result.validation
    const head = `${result.wp_count} work packages in ${lanes.count} lanes are valid; nothing was written.`
    return [head, ...(changes.length > 0 ? ['Would complete:', ...changes] : []), ...warnings].join('\n')
  }
  const { lanes, bootstrap } = result
  return [
    `Finalized ${style.bold(result.mission_slug)}: ${result.wp_count} work packages in ${lanes.count} lanes (${lanes.lane_ids.join(', ')}), ${bootstrap.newly_seeded} newly planned.`,
    result.commit_created ? `Committed ${result.commit_hash?.slice(0, 10)}.` : 'Nothing to commit.',
    ...warnings,
    // Of work that was begun before, the board knows what comes now.
    bootstrap.newly_seeded === result.wp_count
      ? sh`Next: spec-kitty agent action implement ${firstReady(result)} --agent NAME --mission ${result.mission_slug}`
      : sh`Next: spec-kitty next --agent NAME --result success --mission ${result.mission_slug}`,
  ].join('\n')
}

function firstReady({ dependencies_parsed: dependencies }: FinalizeTasksCommand): string {
  return Object.entries(dependencies).find(([, needs]) => needs.length === 0)?.[0] ?? 'WP01'
}
