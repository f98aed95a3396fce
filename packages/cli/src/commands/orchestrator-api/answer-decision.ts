import { OrchestratorAnswerDecision } from '@spec-kitty/contracts/cli/orchestrator-api'
import { answerDecision } from '@spec-kitty/core/orchestrator/design'
import { text } from '../../command.ts'
import { defineApiCommand, handleFlag, policyFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'answer-decision',
  description: 'Answers the decision that next waits for, and tells the next step.',
  examples: [
    'spec-kitty orchestrator-api answer-decision --mission hello --agent bot --answer PostgreSQL --result success --policy "$POLICY"',
  ],
  flags: {
    mission: handleFlag,
    agent: text('who works', { value: 'NAME', required: true }),
    answer: text('the answer', { required: true }),
    result: text('how the step before ended: success, failed or blocked', { value: 'NAME' }),
    decisionId: text('which one, when several are open', { value: 'ID' }),
    policy: policyFlag,
  },
  writes: true,
  result: OrchestratorAnswerDecision,
  run: (ports, input) => answerDecision(ports, input),
})
