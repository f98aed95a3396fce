import { OrchestratorResolveWorkspace } from '@spec-kitty/contracts/cli/orchestrator-api'
import { resolveWorkspace } from '@spec-kitty/core/orchestrator/state'
import { defineApiCommand, handleFlag, wpFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'resolve-workspace',
  description: 'Tells where a work package is worked on, and on which branch; changes nothing.',
  examples: ['spec-kitty orchestrator-api resolve-workspace --mission hello --wp WP01'],
  flags: { mission: handleFlag, wp: wpFlag },
  result: OrchestratorResolveWorkspace,
  run: (ports, input) => resolveWorkspace(ports, input.mission, input.wp),
})
