import { OrchestratorCheckPrerequisites } from '@spec-kitty/contracts/cli/orchestrator-api'
import { prerequisites } from '@spec-kitty/core/orchestrator/design'
import { toggle } from '../../command.ts'
import { defineApiCommand, handleFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'check-prerequisites',
  description: 'Lists the documents of a mission.',
  examples: ['spec-kitty orchestrator-api check-prerequisites --mission hello --include-tasks'],
  flags: { mission: handleFlag, includeTasks: toggle('tasks.md is required too') },
  result: OrchestratorCheckPrerequisites,
  run: (ports, input) => prerequisites(ports, input),
})
