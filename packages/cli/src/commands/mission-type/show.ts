import { MissionTypeShow } from '@spec-kitty/contracts/cli/mission-types'
import { KittyError } from '@spec-kitty/contracts/errors'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { missionTypes } from '@spec-kitty/core/repo/mission/own-types'
import { arg, defineCommand } from '../../command.ts'

export const command = defineCommand({
  description: 'Shows one kind of mission: its phases and what each of them brings.',
  examples: ['spec-kitty mission-type show research'],
  args: { id: arg('software-dev, research, documentation, plan, or one of your own') },
  result: MissionTypeShow,
  run: async (ports, { id }): Promise<MissionTypeShow> => {
    const { found, unread } = await missionTypes(ports)
    const type = found.find(known => known.id === id)
    if (type === undefined) {
      const unreadable = unread.get(id)
      if (unreadable !== undefined) throw unreadable
      throw new KittyError('invalid_input', `There is no mission type '${id}'`, {
        hint: sh`There are: ${listed(found.map(known => known.id))}`,
        data: { mission_type: id },
      })
    }
    return {
      ...type,
      action_sequence: [...type.action_sequence],
      governance_refs: [...type.governance_refs],
      steps: type.steps.map(step => ({ ...step })),
    }
  },
  indent: true,
  text: (type, style) =>
    [
      `${style.bold(type.display_name)} (${type.id}): ${type.description}`,
      ...type.steps.map(
        step =>
          `  ${step.id.padEnd(12)} ${step.title}${step.artefact === undefined ? '' : ` → ${step.artefact}`}`,
      ),
    ].join('\n'),
})
