import { closingCommand } from './closing-command.ts'

export const command = closingCommand('defer-decision', 'deferred', {
  description: 'Puts a decision off.',
  examples: [
    'spec-kitty orchestrator-api defer-decision --mission hello --decision-id 01K… --rationale "after the pilot" --actor bot --policy "$POLICY"',
  ],
})
