import { ListTasks } from '@spec-kitty/contracts/cli/list-tasks'
import { listTasks } from '@spec-kitty/core/board/status-command'
import { defineCommand, missionFlag, text } from '../../../command.ts'

export const command = defineCommand({
  description: 'Lists the work packages of a mission with their lanes. Reads only.',
  examples: ['spec-kitty agent tasks list-tasks --lane doing --json'],
  flags: {
    lane: text('only this lane (doing stands for in_progress)', { value: 'LANE' }),
    mission: missionFlag,
  },
  result: ListTasks,
  run: (ports, input) => listTasks(ports, input),
  text: ({ tasks }, style) =>
    tasks.length === 0
      ? 'No work packages.'
      : tasks
          .map(task => `${style.bold(task.work_package_id)}  ${task.lane.padEnd(11)}  ${task.title}`)
          .join('\n'),
})
