import { OrchestratorDesignStatus } from '@spec-kitty/contracts/cli/orchestrator-api'
import { designStatus } from '@spec-kitty/core/orchestrator/design'
import { defineApiCommand, handleFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'design-status',
  description: 'Tells how far the planning has come, and the verb that comes next.',
  examples: ['spec-kitty orchestrator-api design-status --mission hello'],
  flags: { mission: handleFlag },
  result: OrchestratorDesignStatus,
  run: (ports, input) => designStatus(ports, input),
})
