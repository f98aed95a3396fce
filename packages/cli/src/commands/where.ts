import { Where } from '@spec-kitty/contracts/cli/context-resolve'
import { whereAmI } from '@spec-kitty/core/mission/where'
import { defineCommand, missionFlag } from '../command.ts'

export const command = defineCommand({
  description: 'Shows which checkout, mission, lane and work package you stand in, and what comes next.',
  examples: ['spec-kitty where'],
  flags: { mission: missionFlag },
  result: Where,
  run: (ports, input) => whereAmI(ports, input),
  indent: true,
  text: (place, style) => {
    const lane = place.lane_id === null ? '' : `, ${place.lane_id}`
    return [
      `${place.checkout} on ${place.branch ?? 'a detached HEAD'}`,
      ...(place.mission_slug === null ? [] : [`Mission ${style.bold(place.mission_slug)}${lane}`]),
      ...place.work_packages.map(wp => `  ${wp.wp_id} ${wp.title}: ${wp.lane}`),
      `Next: ${place.next_step}`,
    ].join('\n')
  },
})
