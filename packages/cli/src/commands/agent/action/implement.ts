import { AgentActionImplement } from '@spec-kitty/contracts/cli/agent-action-implement'
import { actionImplement } from '@spec-kitty/core/lanes/action'
import { autoCommitFlag, defineCommand, missionFlag, optionalArg, text, toggle } from '../../../command.ts'

export const command = defineCommand({
  description:
    'Claims a work package for an agent, makes (or finds) the worktree of its lane with the approved code it builds on, and prints what to do there and how to report back.',
  examples: [
    'spec-kitty agent action implement WP01 --agent claude',
    'spec-kitty agent action implement --agent codex --json',
  ],
  args: { wpId: optionalArg('work package id; left out: the first one that is ready') },
  flags: {
    agent: text('who does the work', { value: 'NAME' }),
    mission: missionFlag,
    allowSparseCheckout: toggle('accepted for scripts of the Python edition', { hidden: true }),
    acknowledgeNotBulkEdit: toggle('accepted for scripts of the Python edition', { hidden: true }),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: AgentActionImplement,
  run: (ports, input) => actionImplement(ports, input),
  text: ({ prompt }) => prompt.trimEnd(),
})
