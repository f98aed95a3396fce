import { DecisionOpenCommand } from '@spec-kitty/contracts/cli/decision'
import { openDecision } from '@spec-kitty/core/decisions/open'
import { autoCommitFlag, defineCommand, missionFlag, text, toggle } from '../../../command.ts'
import { answering, line, statusOf } from './outcome.ts'

export const command = defineCommand({
  description:
    'Puts a question of the specification or the plan on record. The same question again finds it open.',
  examples: [
    'spec-kitty agent decision open --flow specify --step-id q1 --input-key auth --question "Which login?" --options \'["passkey","password"]\'',
  ],
  flags: {
    mission: missionFlag,
    flow: text('where it came up: charter, specify or plan; tasks, implement and review count as plan', {
      required: true,
    }),
    inputKey: text('name of the question', { required: true, value: 'KEY' }),
    question: text('the question', { required: true }),
    stepId: text('the step it belongs to', { value: 'ID' }),
    slotKey: text('or the slot it fills', { value: 'KEY' }),
    options: text('possible answers, a JSON list', { value: 'JSON' }),
    actor: text('who asks (default: cli)', { value: 'NAME' }),
    dryRun: toggle('only check'),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: DecisionOpenCommand,
  run: (ports, input) => answering(ports, () => openDecision(ports, input)),
  status: statusOf,
  verbatim: true,
  text: line,
})
