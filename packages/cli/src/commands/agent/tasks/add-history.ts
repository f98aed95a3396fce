import { AddHistory } from '@spec-kitty/contracts/cli/add-history'
import { addHistory } from '@spec-kitty/core/tasks/add-history'
import { arg, autoCommitFlag, defineCommand, missionFlag, text } from '../../../command.ts'

export const command = defineCommand({
  description: 'Adds an entry to the activity log of a work package.',
  examples: ['spec-kitty agent tasks add-history WP01 --note "waiting for the API key" --agent claude'],
  args: { taskId: arg('work package id') },
  flags: {
    note: text('what happened', { required: true }),
    mission: missionFlag,
    agent: text('who writes it', { value: 'NAME' }),
    shellPid: text('process id of the agent', { value: 'PID' }),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: AddHistory,
  run: (ports, input) => addHistory(ports, input),
  text: ({ task_id: id }) => `Added to the activity log of ${id}.`,
})
