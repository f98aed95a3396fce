import { TasksStatus } from '@spec-kitty/contracts/cli/tasks-status'
import { MOST_ROWS, renderBoard } from '@spec-kitty/core/board/kanban'
import { boardMarkdown } from '@spec-kitty/core/board/markdown'
import { tasksStatus } from '@spec-kitty/core/board/status-command'
import { count, defineCommand, missionFlag, toggle } from '../../../command.ts'

export const command = defineCommand({
  description:
    'Shows the board of a mission: every lane, who works on what, how far it is, and what is stuck. Reads only.',
  examples: ['spec-kitty agent tasks status', 'spec-kitty agent tasks status --mission demo --json'],
  flags: {
    mission: missionFlag,
    staleThreshold: count('minutes without a commit after which work in progress is stale (default 10)', {
      value: 'MINUTES',
    }),
    watch: toggle(
      'stay, and show what changes: on the whole screen of a terminal, with keys to open, approve and reject; in a pipe or with --json a line of JSON for each change',
    ),
    markdown: toggle('print a table for a pull request'),
  },
  result: TasksStatus,
  indent: true,
  run: async (ports, input, session) => {
    if (input.watch === true) {
      const { watchBoard } = await import('../../../watch/watch.ts')
      return await watchBoard(ports, input, session)
    }
    const whole = session.json || input.markdown === true
    return await tasksStatus(ports, { ...input, rowsPerLane: whole ? undefined : MOST_ROWS })
  },
  text: (board, style, { markdown }) =>
    markdown === true ? boardMarkdown(board) : renderBoard(board, style),
})
