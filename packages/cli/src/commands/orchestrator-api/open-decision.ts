import { OrchestratorOpenDecision } from '@spec-kitty/contracts/cli/orchestrator-api'
import { openApiDecision } from '@spec-kitty/core/orchestrator/design'
import { text } from '../../command.ts'
import { actorFlag, defineApiCommand, handleFlag, policyFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'open-decision',
  description: 'Puts a question on record; the same question again finds it open.',
  examples: [
    'spec-kitty orchestrator-api open-decision --mission hello --origin specify --step-id q1 --input-key auth --question "Which login?" --actor bot --policy "$POLICY"',
  ],
  flags: {
    mission: handleFlag,
    origin: text('charter, specify or plan', { required: true }),
    inputKey: text('name of the question', { required: true, value: 'KEY' }),
    question: text('the question', { required: true }),
    stepId: text('the step it belongs to', { value: 'ID' }),
    slotKey: text('or the slot it fills', { value: 'KEY' }),
    options: text('possible answers, a JSON list', { value: 'JSON' }),
    actor: actorFlag,
    policy: policyFlag,
  },
  writes: true,
  result: OrchestratorOpenDecision,
  run: (ports, input) => openApiDecision(ports, input),
})
