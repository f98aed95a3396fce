import { Promote } from '@spec-kitty/contracts/cli/quick'
import { promote } from '@spec-kitty/core/mission/promote'
import { autoCommitFlag, defineCommand, missionFlag } from '../command.ts'

export const command = defineCommand({
  description:
    'Makes a full mission of a quick one that grew: specification and tasks begin with what was asked for; log, branch and work stay.',
  examples: ['spec-kitty promote --mission fix-the-typo'],
  flags: { mission: missionFlag, autoCommit: autoCommitFlag },
  writes: true,
  result: Promote,
  run: (ports, input) => promote(ports, input),
  text: (result, style) =>
    [
      style.green(`${result.mission_slug} is a full mission now.`),
      'Next:',
      ...result.next.map(step => `  ${step}`),
    ].join('\n'),
})
