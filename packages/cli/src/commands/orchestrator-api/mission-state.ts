import { OrchestratorMissionState } from '@spec-kitty/contracts/cli/orchestrator-api'
import { missionState } from '@spec-kitty/core/orchestrator/state'
import { defineApiCommand, handleFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'mission-state',
  description: 'Lists every work package with its lane and dependencies.',
  examples: ['spec-kitty orchestrator-api mission-state --mission hello'],
  flags: { mission: handleFlag },
  result: OrchestratorMissionState,
  run: (ports, input) => missionState(ports, input.mission),
})
