/** Putting a question off and withdrawing it take the same words. */
import { DecisionCloseCommand } from '@spec-kitty/contracts/cli/decision'
import { closeDecision } from '@spec-kitty/core/decisions/close'
import { arg, autoCommitFlag, defineCommand, missionFlag, text } from '../../../command.ts'
import { answering, line, statusOf } from './outcome.ts'

export function closingCommand(
  outcome: 'deferred' | 'canceled',
  words: { readonly description: string; readonly examples: readonly string[] },
) {
  return defineCommand({
    ...words,
    args: { id: arg('id of the decision') },
    flags: {
      mission: missionFlag,
      rationale: text('why', { required: true }),
      resolvedBy: text('who decided', { value: 'NAME' }),
      autoCommit: autoCommitFlag,
    },
    writes: true,
    result: DecisionCloseCommand,
    run: (ports, input) => answering(ports, () => closeDecision(ports, { ...input, outcome })),
    status: statusOf,
    verbatim: true,
    text: line,
  })
}
