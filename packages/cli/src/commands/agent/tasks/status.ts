import { TasksStatus } from '@spec-kitty/contracts/cli/tasks-status'
import { MOST_ROWS, renderBoard } from '@spec-kitty/core/board/kanban'
import { tasksStatus } from '@spec-kitty/core/board/status-command'
import { count, defineCommand, missionFlag } from '../../../command.ts'

export const command = defineCommand({
  description:
    'Shows the board of a mission: every lane, who works on what, how far it is, and what is stuck. Reads only.',
  examples: ['spec-kitty agent tasks status', 'spec-kitty agent tasks status --mission demo --json'],
  flags: {
    mission: missionFlag,
    staleThreshold: count('minutes without a commit after which work in progress is stale (default 10)', {
      value: 'MINUTES',
    }),
  },
  result: TasksStatus,
  indent: true,
  run: (ports, input, { json }) =>
    tasksStatus(ports, { ...input, rowsPerLane: json ? undefined : MOST_ROWS }),
  text: (board, style) => renderBoard(board, style),
})
