import { MissionTypeList } from '@spec-kitty/contracts/cli/mission-types'
import { missionTypes } from '@spec-kitty/core/repo/mission/own-types'
import { defineCommand } from '../../command.ts'

export const command = defineCommand({
  description: "Lists the kinds of mission, the project's own among them.",
  examples: ['spec-kitty mission-type list'],
  result: MissionTypeList,
  run: async (ports): Promise<MissionTypeList> => {
    const { found, unread } = await missionTypes(ports)
    for (const error of unread.values()) ports.note(error.message)
    return found.map(({ id, source_layer, display_name, action_sequence }) => ({
      id,
      source_layer,
      display_name,
      action_sequence: [...action_sequence],
    }))
  },
  indent: true,
  text: (types, style) =>
    types.map(type => `${style.bold(type.id.padEnd(14))} ${type.action_sequence.join(' → ')}`).join('\n'),
})
