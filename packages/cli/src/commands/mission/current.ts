import { MissionInfo } from '@spec-kitty/contracts/cli/mission-summary'
import { missionInfo } from '@spec-kitty/core/repo/summary'
import { defineCommand, missionFlag } from '../../command.ts'
import { infoText } from './info.ts'

export const command = defineCommand({
  description:
    'Shows the mission that commands mean when --mission is left out: that of the lane worktree you are in, or the only open one.',
  examples: ['spec-kitty mission current'],
  flags: { mission: missionFlag },
  result: MissionInfo,
  run: (ports, input) => missionInfo(ports, input.mission),
  indent: true,
  text: infoText,
})
