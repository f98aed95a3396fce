import { AgentActionReview } from '@spec-kitty/contracts/cli/agent-action-review'
import { claimReview } from '@spec-kitty/core/review/claim'
import { autoCommitFlag, defineCommand, missionFlag, optionalArg, text } from '../../../command.ts'

export const command = defineCommand({
  description:
    'Claims a work package for review and prints what a reviewer needs: the diff command, the changed files, what was asked for, and how to approve or reject.',
  examples: [
    'spec-kitty agent action review WP01 --agent bob',
    'spec-kitty agent action review --agent bob --json',
  ],
  args: { wpId: optionalArg('work package id; left out: the first one that waits for review') },
  flags: {
    agent: text('who reviews', { value: 'NAME' }),
    mission: missionFlag,
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: AgentActionReview,
  run: (ports, input) => claimReview(ports, input),
  text: ({ prompt }) => prompt.trimEnd(),
})
