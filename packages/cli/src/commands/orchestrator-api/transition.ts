import { OrchestratorTransition } from '@spec-kitty/contracts/cli/orchestrator-api'
import { apiTransition } from '@spec-kitty/core/orchestrator/transition'
import { text, toggle } from '../../command.ts'
import { actorFlag, defineApiCommand, handleFlag, policyFlag, wpFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'transition',
  description: 'Moves a work package to another lane. Lanes that an agent run brings about want a policy.',
  examples: [
    'spec-kitty orchestrator-api transition --mission hello --wp WP01 --to for_review --actor bot --policy "$POLICY"',
  ],
  flags: {
    mission: handleFlag,
    wp: wpFlag,
    to: text('target lane', { value: 'LANE', required: true }),
    actor: actorFlag,
    note: text('the reason, for the log'),
    policy: policyFlag,
    force: toggle('move although the rules say no; wants a note'),
    reviewRef: text('where the review or its feedback is to be found', { value: 'REF' }),
    evidenceJson: text('evidence of an approval, as a JSON object', { value: 'JSON' }),
    reviewResultJson: text('outcome of a review (reviewer, verdict, reference), as a JSON object', {
      value: 'JSON',
    }),
    subtasksComplete: toggle('every subtask is done (default: what tasks.md says)'),
    implementationEvidencePresent: toggle('the work can be seen'),
  },
  writes: true,
  result: OrchestratorTransition,
  run: (ports, input) => apiTransition(ports, input),
})
