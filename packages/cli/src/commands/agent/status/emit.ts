import { AgentStatusEmit } from '@spec-kitty/contracts/cli/status-emit'
import type { ExecutionMode } from '@spec-kitty/contracts/files/events'
import { emitStatus } from '@spec-kitty/core/status/emit-command'
import { arg, autoCommitFlag, choice, defineCommand, missionFlag, text, toggle } from '../../../command.ts'

export const command = defineCommand({
  description:
    'Appends one lane change of a work package to the event log, by hand. Everyday work goes through `agent tasks move-task`, which takes the steps in between by itself.',
  examples: [
    'spec-kitty agent status emit WP01 --to claimed --actor claude',
    'spec-kitty agent status emit WP01 --to planned --actor bob --force --reason "start over"',
  ],
  args: { wpId: arg('work package id') },
  flags: {
    to: text('target lane', { required: true, value: 'LANE' }),
    actor: text('who does it', { required: true, value: 'NAME' }),
    mission: missionFlag,
    force: toggle('any lane from any lane; needs --reason'),
    reason: text('why'),
    evidenceJson: text('evidence of an approval, a JSON object', { value: 'JSON' }),
    reviewRef: text('reference of the review or its feedback', { value: 'REF' }),
    workspaceContext: text('where the work is done (default: this checkout)'),
    subtasksComplete: toggle('take the subtasks as done, whatever tasks.md says'),
    implementationEvidencePresent: toggle('accepted for compatibility, without effect', { hidden: true }),
    executionMode: choice<ExecutionMode>(['worktree', 'direct_repo'], 'where the work is done'),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: AgentStatusEmit,
  run: (ports, input) => emitStatus(ports, input),
  text: result =>
    result.event_id === null
      ? `${result.wp_id} is in ${result.to_lane} already; nothing to do.`
      : `OK ${result.wp_id}: ${result.from_lane} -> ${result.to_lane} (event: ${result.event_id.slice(0, 12)}...)`,
})
