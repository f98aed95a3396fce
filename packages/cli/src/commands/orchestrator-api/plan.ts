import { OrchestratorPlan } from '@spec-kitty/contracts/cli/orchestrator-api'
import { plan } from '@spec-kitty/core/orchestrator/design'
import { defineApiCommand, handleFlag, policyFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'plan',
  description: 'Makes plan.md from its template, and commits it once it is filled in.',
  examples: ['spec-kitty orchestrator-api plan --mission hello --policy "$POLICY"'],
  flags: { mission: handleFlag, policy: policyFlag },
  writes: true,
  result: OrchestratorPlan,
  run: (ports, input) => plan(ports, input),
})
