import { MarkStatus } from '@spec-kitty/contracts/cli/mark-status'
import { markStatus } from '@spec-kitty/core/tasks/mark-status/mark-status'
import { args, autoCommitFlag, defineCommand, missionFlag, text } from '../../../command.ts'

export const command = defineCommand({
  description:
    'Ticks subtasks in tasks.md (checkbox rows, table rows, "Subtasks:" lists) and finishes approved work packages. One id that fails does not hide the others; the exit status is 1 only when none could be resolved.',
  examples: [
    'spec-kitty agent tasks mark-status T001 T002 --status done',
    'spec-kitty agent tasks mark-status T003 --status pending --no-auto-commit',
    'spec-kitty agent tasks mark-status WP02 --status done --json',
  ],
  args: { taskIds: args('subtask or work package ids, also as <mission>/T001 or <mission>:WP02') },
  flags: {
    status: text('done or pending', { required: true, value: 'STATE' }),
    mission: missionFlag,
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: MarkStatus,
  run: (ports, input) => markStatus(ports, input),
  status: ({ summary }) => (summary.updated + summary.already_satisfied > 0 ? 0 : 1),
  text: ({ results }, style) =>
    results
      .map(({ outcome, message }) => (outcome === 'not_found' ? style.yellow(message) : message))
      .join('\n'),
})
