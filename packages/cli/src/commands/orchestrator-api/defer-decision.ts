import { OrchestratorCloseDecision } from '@spec-kitty/contracts/cli/orchestrator-api'
import { closeApiDecision } from '@spec-kitty/core/orchestrator/design'
import { text } from '../../command.ts'
import { actorFlag, defineApiCommand, handleFlag, policyFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'defer-decision',
  description: 'Puts a decision off.',
  examples: [
    'spec-kitty orchestrator-api defer-decision --mission hello --decision-id 01K… --rationale "after the pilot" --actor bot --policy "$POLICY"',
  ],
  flags: {
    mission: handleFlag,
    decisionId: text('id of the decision', { value: 'ID', required: true }),
    rationale: text('why', { required: true }),
    resolvedBy: text('who decided (default: --actor)', { value: 'NAME' }),
    actor: actorFlag,
    policy: policyFlag,
  },
  writes: true,
  result: OrchestratorCloseDecision,
  run: (ports, input) => closeApiDecision(ports, 'deferred', input),
})
