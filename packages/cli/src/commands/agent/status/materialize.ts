import { AgentStatusMaterialize } from '@spec-kitty/contracts/cli/status-materialize'
import { DISPLAY_LANES } from '@spec-kitty/contracts/lanes'
import { materializeStatus } from '@spec-kitty/core/status/materialize'
import { defineCommand, missionFlag } from '../../../command.ts'

export const command = defineCommand({
  description:
    'Derives the state of every work package from the event log and writes status.json where it differs.',
  examples: ['spec-kitty agent status materialize --mission demo --json'],
  flags: { mission: missionFlag },
  writes: true,
  result: AgentStatusMaterialize,
  run: (ports, input) => materializeStatus(ports, input),
  text: ({ mission_slug, event_count, summary }) => {
    const lanes = DISPLAY_LANES.filter(lane => summary[lane] > 0).map(lane => `${lane} ${summary[lane]}`)
    return `${mission_slug}: ${event_count} events; ${lanes.join(', ') || 'no work packages'}`
  },
})
