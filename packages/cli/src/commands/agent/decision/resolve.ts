import { DecisionCloseCommand } from '@spec-kitty/contracts/cli/decision'
import { closeDecision } from '@spec-kitty/core/decisions/close'
import { arg, autoCommitFlag, defineCommand, missionFlag, text, toggle } from '../../../command.ts'
import { answering, line, statusOf } from './outcome.ts'

export const command = defineCommand({
  description: 'Answers a decision.',
  examples: ['spec-kitty agent decision resolve 01K… --final-answer passkey'],
  args: { id: arg('id of the decision') },
  flags: {
    mission: missionFlag,
    finalAnswer: text('the answer', { required: true }),
    otherAnswer: toggle('the answer is none of the options'),
    rationale: text('why'),
    resolvedBy: text('who decided', { value: 'NAME' }),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: DecisionCloseCommand,
  run: (ports, input) => answering(ports, () => closeDecision(ports, { ...input, outcome: 'resolved' })),
  status: statusOf,
  verbatim: true,
  text: line,
})
