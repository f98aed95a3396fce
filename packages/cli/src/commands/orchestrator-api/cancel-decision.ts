import { closingCommand } from './closing-command.ts'

export const command = closingCommand('cancel-decision', 'canceled', {
  description: 'Withdraws a question.',
  examples: [
    'spec-kitty orchestrator-api cancel-decision --mission hello --decision-id 01K… --rationale "after the pilot" --actor bot --policy "$POLICY"',
  ],
})
