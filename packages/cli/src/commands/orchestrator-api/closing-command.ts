/** Putting a question off and withdrawing it take the same words. */
import { OrchestratorCloseDecision } from '@spec-kitty/contracts/cli/orchestrator-api'
import { closeApiDecision } from '@spec-kitty/core/orchestrator/design'
import { text } from '../../command.ts'
import { actorFlag, defineApiCommand, handleFlag, policyFlag } from './api-command.ts'

export function closingCommand(
  name: 'defer-decision' | 'cancel-decision',
  outcome: 'deferred' | 'canceled',
  words: { readonly description: string; readonly examples: readonly string[] },
) {
  return defineApiCommand({
    name,
    ...words,
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
    run: (ports, input) => closeApiDecision(ports, outcome, input),
  })
}
