import { OrchestratorAcceptMission } from '@spec-kitty/contracts/cli/orchestrator-api'
import { acceptMission } from '@spec-kitty/core/orchestrator/conclude'
import { actorFlag, defineApiCommand, handleFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'accept-mission',
  description:
    'Records the acceptance of a mission whose work packages are approved or done; what `spec-kitty accept` would ask for besides is told as warnings.',
  examples: ['spec-kitty orchestrator-api accept-mission --mission hello --actor bot'],
  flags: { mission: handleFlag, actor: actorFlag },
  writes: true,
  result: OrchestratorAcceptMission,
  run: (ports, input) => acceptMission(ports, input),
})
