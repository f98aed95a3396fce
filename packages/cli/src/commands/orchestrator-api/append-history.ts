import { OrchestratorAppendHistory } from '@spec-kitty/contracts/cli/orchestrator-api'
import { appendHistory } from '@spec-kitty/core/orchestrator/conclude'
import { text } from '../../command.ts'
import { actorFlag, defineApiCommand, handleFlag, wpFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'append-history',
  description: 'Adds an entry to the activity log of a work package.',
  examples: [
    'spec-kitty orchestrator-api append-history --mission hello --wp WP01 --actor bot --note "tests run"',
  ],
  flags: {
    mission: handleFlag,
    wp: wpFlag,
    actor: actorFlag,
    note: text('what happened', { required: true }),
  },
  writes: true,
  result: OrchestratorAppendHistory,
  run: (ports, input) => appendHistory(ports, input),
})
