import { OrchestratorStartImplementation } from '@spec-kitty/contracts/cli/orchestrator-api'
import { startImplementation } from '@spec-kitty/core/orchestrator/begin'
import { actorFlag, defineApiCommand, handleFlag, policyFlag, wpFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'start-implementation',
  description:
    'Claims a work package and brings it to in_progress, with the worktree of its lane ready to work in. The same actor may ask again.',
  examples: [
    'spec-kitty orchestrator-api start-implementation --mission hello --wp WP01 --actor bot --policy "$POLICY"',
  ],
  flags: { mission: handleFlag, wp: wpFlag, actor: actorFlag, policy: policyFlag },
  writes: true,
  result: OrchestratorStartImplementation,
  run: (ports, input) => startImplementation(ports, input),
})
