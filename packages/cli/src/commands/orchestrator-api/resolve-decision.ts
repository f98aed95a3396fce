import { OrchestratorCloseDecision } from '@spec-kitty/contracts/cli/orchestrator-api'
import { closeApiDecision } from '@spec-kitty/core/orchestrator/design'
import { text, toggle } from '../../command.ts'
import { actorFlag, defineApiCommand, handleFlag, policyFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'resolve-decision',
  description: 'Answers a decision of the records.',
  examples: [
    'spec-kitty orchestrator-api resolve-decision --mission hello --decision-id 01K… --final-answer passkey --actor bot --policy "$POLICY"',
  ],
  flags: {
    mission: handleFlag,
    decisionId: text('id of the decision', { value: 'ID', required: true }),
    finalAnswer: text('the answer', { required: true }),
    otherAnswer: toggle('the answer is none of the options'),
    rationale: text('why'),
    resolvedBy: text('who decided (default: --actor)', { value: 'NAME' }),
    actor: actorFlag,
    policy: policyFlag,
  },
  writes: true,
  result: OrchestratorCloseDecision,
  run: (ports, input) => closeApiDecision(ports, 'resolved', input),
})
