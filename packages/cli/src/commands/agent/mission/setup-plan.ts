import { SetupPlan } from '@spec-kitty/contracts/cli/setup-plan'
import { setupPlan } from '@spec-kitty/core/mission/setup-plan'
import { autoCommitFlag, defineCommand, missionFlag } from '../../../command.ts'
import { VERSION } from '../../../version.ts'

export const command = defineCommand({
  description:
    'Checks and commits the specification, makes plan.md from a template, and commits the plan once it is filled in. Exit status 1 while one of them is still empty.',
  examples: ['spec-kitty agent mission setup-plan', 'spec-kitty plan --mission user-auth --json'],
  flags: { mission: missionFlag, autoCommit: autoCommitFlag },
  writes: true,
  result: SetupPlan,
  run: async (ports, input): Promise<SetupPlan> => ({
    ...(await setupPlan(ports, input)),
    spec_kitty_version: VERSION,
  }),
  status: result => (result.result === 'blocked' ? 1 : 0),
  text: (result, style) =>
    result.result === 'success'
      ? `The plan of ${style.bold(result.mission_slug)} is complete.\nNext: ${result.next_step}`
      : `${style.yellow('Blocked:')} ${result.blocked_reason ?? ''}\n${result.next_step}`,
})
