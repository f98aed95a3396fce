import { MissionTypeList } from '@spec-kitty/contracts/cli/mission-types'
import { MISSION_TYPES } from '@spec-kitty/core/repo/mission/types'
import { defineCommand } from '../../command.ts'

export const command = defineCommand({
  description: 'Lists the kinds of mission.',
  examples: ['spec-kitty mission-type list'],
  result: MissionTypeList,
  run: (): MissionTypeList =>
    MISSION_TYPES.map(({ id, source_layer, display_name, action_sequence }) => ({
      id,
      source_layer,
      display_name,
      action_sequence: [...action_sequence],
    })),
  indent: true,
  text: (types, style) =>
    types.map(type => `${style.bold(type.id.padEnd(14))} ${type.action_sequence.join(' → ')}`).join('\n'),
})
