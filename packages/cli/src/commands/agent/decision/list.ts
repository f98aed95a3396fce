import { DecisionListCommand } from '@spec-kitty/contracts/cli/decision'
import { listDecisions } from '@spec-kitty/core/decisions/list'
import { choice, defineCommand, missionFlag } from '../../../command.ts'
import { answering, line, statusOf } from './outcome.ts'

export const command = defineCommand({
  description: 'Lists the questions of a mission, oldest first, with their answers.',
  examples: ['spec-kitty agent decision list --status open'],
  flags: {
    mission: missionFlag,
    status: choice(['open', 'resolved', 'deferred', 'canceled'], 'only those in this state'),
  },
  result: DecisionListCommand,
  run: (ports, input) => answering(ports, () => listDecisions(ports, input)),
  status: statusOf,
  verbatim: true,
  text: line,
})
