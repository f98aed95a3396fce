import { OrchestratorListReady } from '@spec-kitty/contracts/cli/orchestrator-api'
import { listReady } from '@spec-kitty/core/orchestrator/state'
import { defineApiCommand, handleFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'list-ready',
  description: 'Lists the planned work packages whose dependencies are approved or done.',
  examples: ['spec-kitty orchestrator-api list-ready --mission hello'],
  flags: { mission: handleFlag },
  result: OrchestratorListReady,
  run: (ports, input) => listReady(ports, input.mission),
})
