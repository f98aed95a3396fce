import { OrchestratorStartReview } from '@spec-kitty/contracts/cli/orchestrator-api'
import { startReview } from '@spec-kitty/core/orchestrator/begin'
import { text } from '../../command.ts'
import { actorFlag, defineApiCommand, handleFlag, policyFlag, wpFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'start-review',
  description: 'Claims a work package that waits for review.',
  examples: [
    'spec-kitty orchestrator-api start-review --mission hello --wp WP01 --actor bot --policy "$POLICY"',
  ],
  flags: {
    mission: handleFlag,
    wp: wpFlag,
    actor: actorFlag,
    policy: policyFlag,
    reviewRef: text('where the review is to be found', { value: 'REF' }),
  },
  writes: true,
  result: OrchestratorStartReview,
  run: (ports, input) => startReview(ports, input),
})
