import { shortcut } from '../shortcut.ts'
import { command as moveTask } from './agent/tasks/move-task.ts'

export const command = shortcut(moveTask, {
  description:
    'Approves a work package; your name in git goes on record as that of the reviewer. The same as agent tasks move-task --to approved.',
  examples: ['spec-kitty approve WP01', 'spec-kitty approve WP01 --reviewer bob --note "Read and tried"'],
  settled: { to: 'approved' },
  without: ['reviewFeedbackFile', 'doneOverrideReason'],
})
