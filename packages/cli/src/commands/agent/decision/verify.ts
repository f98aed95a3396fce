import { DecisionVerify } from '@spec-kitty/contracts/cli/decision'
import { verifyDecisions } from '@spec-kitty/core/mission/decisions/verify'
import { defineCommand, missionFlag, toggle } from '../../../command.ts'
import { line } from './outcome.ts'

export const command = defineCommand({
  description:
    'Compares the markers [NEEDS CLARIFICATION: …] <!-- decision_id: … --> in spec.md and plan.md with the decisions. Exit status 1 when they drifted apart.',
  examples: ['spec-kitty agent decision verify'],
  flags: { mission: missionFlag, failOnStale: toggle('exit with 1 on drift (default: yes)') },
  result: DecisionVerify,
  run: (ports, input): DecisionVerify => ({
    ...verifyDecisions(ports, input),
    fail_on_stale: input.failOnStale !== false,
  }),
  status: result => (result.fail_on_stale && result.status === 'drift' ? 1 : 0),
  text: line,
})
