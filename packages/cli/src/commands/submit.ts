import { shortcut } from '../shortcut.ts'
import { command as moveTask } from './agent/tasks/move-task.ts'

export const command = shortcut(moveTask, {
  description:
    'Hands a work package over: checks that its subtasks are ticked and its work is committed, and moves it to review. The same as agent tasks move-task --to for_review.',
  examples: ['spec-kitty submit WP01', 'spec-kitty submit WP01 --note "Tested with an empty cart"'],
  settled: { to: 'for_review' },
  without: [
    'reviewFeedbackFile',
    'reviewer',
    'approvalRef',
    'doneOverrideReason',
    'skipReviewArtifactCheck',
    'selfReviewFallback',
    'intendedReviewer',
    'reviewerFailureReason',
  ],
})
