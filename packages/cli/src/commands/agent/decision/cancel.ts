import { DecisionCloseCommand } from '@spec-kitty/contracts/cli/decision'
import { closeDecision } from '@spec-kitty/core/mission/decisions/close'
import { arg, autoCommitFlag, defineCommand, missionFlag, text } from '../../../command.ts'
import { answering, line, statusOf } from './outcome.ts'

export const command = defineCommand({
  description: 'Withdraws a question.',
  examples: ['spec-kitty agent decision cancel 01K… --rationale "out of scope"'],
  args: { id: arg('id of the decision') },
  flags: {
    mission: missionFlag,
    rationale: text('why', { required: true }),
    resolvedBy: text('who decided', { value: 'NAME' }),
    autoCommit: autoCommitFlag,
  },
  result: DecisionCloseCommand,
  run: (ports, input) => answering(() => closeDecision(ports, { ...input, outcome: 'canceled' })),
  status: statusOf,
  text: line,
})
