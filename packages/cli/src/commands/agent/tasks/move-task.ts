import { MoveTask } from '@spec-kitty/contracts/cli/move-task'
import { moveTask } from '@spec-kitty/core/tasks/move-task/move-task'
import { arg, autoCommitFlag, defineCommand, many, missionFlag, text, toggle } from '../../../command.ts'

export const command = defineCommand({
  description:
    'Moves a work package to another lane. Forward it passes every lane on the way; backward it says why. Each check that stands against it is named with its remedy, and nothing is written then.',
  examples: [
    'spec-kitty agent tasks move-task WP01 --to doing --agent claude',
    'spec-kitty agent tasks move-task WP01 --to for_review',
    'spec-kitty agent tasks move-task WP01 --to approved --reviewer bob --note "Review passed"',
    'spec-kitty agent tasks move-task WP01 --to planned --review-feedback-file feedback.md',
  ],
  args: { taskId: arg('work package id') },
  flags: {
    to: text(
      'planned, claimed, in_progress (doing), for_review, in_review, approved, done, blocked or canceled',
      {
        required: true,
        value: 'LANE',
      },
    ),
    mission: missionFlag,
    agent: text('who does it', { value: 'NAME' }),
    assignee: text('who is responsible', { value: 'NAME' }),
    shellPid: text('process id of the agent', { value: 'PID' }),
    note: text('what goes into the event and the activity log'),
    reviewFeedbackFile: text('what is to be changed; required to send work back to planned', {
      value: 'FILE',
    }),
    reviewer: text('who approved (default: your name in git)', { value: 'NAME' }),
    approvalRef: text('where the approval can be seen', { value: 'REF' }),
    trackerRef: many('reference to a ticket', { value: 'REF' }),
    doneOverrideReason: text('why the work counts as merged although its branch is not'),
    skipReviewArtifactCheck: toggle('put a rejected review aside; requires --note'),
    selfReviewFallback: toggle('approve your own work, on record; requires --force and the next two'),
    intendedReviewer: text('who should have reviewed', { value: 'NAME' }),
    reviewerFailureReason: text('why that was not possible'),
    force: toggle('skip the checks of lane, agent, subtasks and worktree'),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: MoveTask,
  run: (ports, input) => moveTask(ports, input),
  text: ({ task_id: id, old_lane: from, new_lane: to, review_feedback: feedback }) =>
    `Moved ${id} from ${from} to ${to}.${feedback === undefined ? '' : `\nFeedback: ${feedback}`}`,
})
