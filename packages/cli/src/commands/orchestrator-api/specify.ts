import { OrchestratorSpecify } from '@spec-kitty/contracts/cli/orchestrator-api'
import { specify } from '@spec-kitty/core/orchestrator/design'
import { text } from '../../command.ts'
import { defineApiCommand, policyFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'specify',
  description: 'Makes a mission with an empty specification, and says what to fill in.',
  examples: [
    'spec-kitty orchestrator-api specify --mission user-auth --mission-type software-dev --policy "$POLICY"',
  ],
  flags: {
    mission: text('name of the new mission, kebab-case', { value: 'NAME', required: true }),
    missionType: text('kind of the mission', { value: 'TYPE', required: true }),
    topology: text('lanes or single_branch; accepted, the kind of the mission decides', { value: 'NAME' }),
    policy: policyFlag,
  },
  writes: true,
  result: OrchestratorSpecify,
  run: (ports, { mission, ...input }) => specify(ports, { ...input, name: mission }),
})
