import { DecisionVerifyCommand } from '@spec-kitty/contracts/cli/decision'
import { verifyDecisions } from '@spec-kitty/core/decisions/verify'
import { defineCommand, missionFlag, toggle } from '../../../command.ts'
import { answering, line, statusOf } from './outcome.ts'

export const command = defineCommand({
  description:
    'Compares the markers [NEEDS CLARIFICATION: …] <!-- decision_id: … --> in spec.md and plan.md with the decisions. Exit status 1 when they drifted apart.',
  examples: ['spec-kitty agent decision verify'],
  flags: { mission: missionFlag, failOnStale: toggle('exit with 1 on drift (default: yes)') },
  result: DecisionVerifyCommand,
  run: (ports, input) => answering(ports, () => verifyDecisions(ports, input)),
  status: (result, input) =>
    'findings' in result && result.status === 'drift' && input.failOnStale !== false ? 1 : statusOf(result),
  verbatim: true,
  text: line,
})
