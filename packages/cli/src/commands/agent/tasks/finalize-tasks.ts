import { SeedTasks } from '@spec-kitty/contracts/cli/finalize-tasks'
import { seedTasks } from '@spec-kitty/core/mission/seed-tasks'
import { autoCommitFlag, defineCommand, missionFlag, toggle } from '../../../command.ts'

export const command = defineCommand({
  description:
    'Takes dependencies from tasks.md into the work package files and puts every work package into the lane planned. Lanes, requirements and ownership: `spec-kitty agent mission finalize-tasks`.',
  examples: ['spec-kitty agent tasks finalize-tasks --validate-only --json'],
  flags: {
    mission: missionFlag,
    validateOnly: toggle('only check, and show what would be written'),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: SeedTasks,
  run: (ports, input) => seedTasks(ports, input),
  text: (result, style) => {
    const warnings = result.dependency_warnings.map(line => `${style.yellow('Note:')} ${line}`)
    const { total_wps: total, newly_seeded: seeded } = result.bootstrap
    const head =
      result.result === 'validation_passed'
        ? `${total} work packages are valid; nothing was written.`
        : `${total} work packages: ${seeded} newly planned, ${result.updated_wp_count} files completed.`
    return [head, ...warnings].join('\n')
  },
})
