import { shortcut } from '../shortcut.ts'
import { command as moveTask } from './agent/tasks/move-task.ts'

export const command = shortcut(moveTask, {
  description:
    'Sends a work package back to its maker with the feedback in a file. The same as agent tasks move-task --to planned.',
  examples: ['spec-kitty reject WP01 --feedback-file feedback.md'],
  settled: { to: 'planned' },
  renamed: { feedbackFile: 'reviewFeedbackFile' },
  without: [
    'approvalRef',
    'doneOverrideReason',
    'skipReviewArtifactCheck',
    'selfReviewFallback',
    'intendedReviewer',
    'reviewerFailureReason',
  ],
})
