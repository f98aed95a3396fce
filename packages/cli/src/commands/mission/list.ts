import { MissionList } from '@spec-kitty/contracts/cli/mission-summary'
import { summarizeMissions } from '@spec-kitty/core/repo/summary'
import { defineCommand } from '../../command.ts'

export const command = defineCommand({
  description:
    'Lists the missions of this repository. The kinds of mission are listed by `mission-type list`.',
  examples: ['spec-kitty mission list', 'spec-kitty mission list --json'],
  result: MissionList,
  run: (ports): MissionList => [...summarizeMissions(ports)],
  indent: true,
  text: (missions, style) => {
    if (missions.length === 0) return 'No missions yet. Make one: spec-kitty specify "My feature"'
    const width = Math.max(...missions.map(mission => mission.mission_slug.length))
    return missions
      .map(mission => {
        const done = mission.total_wps === 0 ? '' : `${mission.done_wps}/${mission.total_wps} done`
        return `${style.bold(mission.mission_slug.padEnd(width))}  ${mission.state.padEnd(10)}  ${done.padEnd(10)}  ${mission.friendly_name}`.trimEnd()
      })
      .join('\n')
  },
})
