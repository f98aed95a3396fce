import { OrchestratorTasks } from '@spec-kitty/contracts/cli/orchestrator-api'
import { tasks } from '@spec-kitty/core/orchestrator/design'
import { defineApiCommand, handleFlag, policyFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'tasks',
  description: 'Checks tasks and work packages, computes the lanes, and puts every package into planned.',
  examples: ['spec-kitty orchestrator-api tasks --mission hello --policy "$POLICY"'],
  flags: { mission: handleFlag, policy: policyFlag },
  writes: true,
  result: OrchestratorTasks,
  run: (ports, input) => tasks(ports, input),
})
