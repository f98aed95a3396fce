import { DecisionCloseCommand } from '@spec-kitty/contracts/cli/decision'
import { closeDecision } from '@spec-kitty/core/mission/decisions/close'
import { arg, autoCommitFlag, defineCommand, missionFlag, text } from '../../../command.ts'
import { answering, line, statusOf } from './outcome.ts'

export const command = defineCommand({
  description: 'Puts a decision off; mark the place in the document it belongs to.',
  examples: ['spec-kitty agent decision defer 01K… --rationale "after the pilot"'],
  args: { id: arg('id of the decision') },
  flags: {
    mission: missionFlag,
    rationale: text('why', { required: true }),
    resolvedBy: text('who decided', { value: 'NAME' }),
    autoCommit: autoCommitFlag,
  },
  result: DecisionCloseCommand,
  run: (ports, input) => answering(() => closeDecision(ports, { ...input, outcome: 'deferred' })),
  status: statusOf,
  text: line,
})
