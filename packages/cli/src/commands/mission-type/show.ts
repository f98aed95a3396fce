import { MissionTypeShow } from '@spec-kitty/contracts/cli/mission-types'
import { KittyError } from '@spec-kitty/contracts/errors'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { findMissionType, MISSION_TYPES } from '@spec-kitty/core/repo/mission/types'
import { arg, defineCommand } from '../../command.ts'

export const command = defineCommand({
  description: 'Shows one kind of mission: its phases and what each of them brings.',
  examples: ['spec-kitty mission-type show research'],
  args: { id: arg('software-dev, research, documentation or plan') },
  result: MissionTypeShow,
  run: (_ports, { id }): MissionTypeShow => {
    const type = findMissionType(id)
    if (type === undefined) {
      throw new KittyError('invalid_input', `There is no mission type '${id}'`, {
        hint: sh`There are: ${listed(MISSION_TYPES.map(known => known.id))}`,
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
