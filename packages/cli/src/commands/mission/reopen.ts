import { MissionReopen } from '@spec-kitty/contracts/cli/mission-summary'
import { reopenMission } from '@spec-kitty/core/mission/reopen'
import { arg, autoCommitFlag, defineCommand, text } from '../../command.ts'

export const command = defineCommand({
  description:
    'Opens a merged or closed mission again. Work packages stay in their lanes until you move them.',
  examples: ['spec-kitty mission reopen user-auth --reason "login fails on Safari"'],
  args: { handle: arg('mission: directory name, slug, number, mid8 or id') },
  flags: { reason: text('why; kept in the log', { required: true }), autoCommit: autoCommitFlag },
  writes: true,
  result: MissionReopen,
  run: (ports, input) => reopenMission(ports, input),
  text: (result, style) => `Reopened ${style.bold(result.mission_slug)}.\n${result.next_step}`,
})
