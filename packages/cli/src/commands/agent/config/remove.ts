import { AgentConfigChange } from '@spec-kitty/contracts/cli/agent-config'
import { removeAgents } from '@spec-kitty/core/project/agent-config/change'
import { args, autoCommitFlag, defineCommand, toggle } from '../../../command.ts'
import { PROGRAM } from '../../../program.ts'
import { describeChange } from './describe.ts'

export const command = defineCommand({
  description:
    'Takes back exactly what was written for these agents. Files that other agents use stay; a file you edited is kept and named.',
  examples: ['spec-kitty agent config remove codex'],
  args: { agents: args('agent keys') },
  flags: {
    keepConfig: toggle('remove the files, but leave the agents configured'),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: AgentConfigChange,
  run: (ports, input) =>
    removeAgents(ports, PROGRAM, {
      keys: input.agents,
      keepConfig: input.keepConfig ?? false,
      autoCommit: input.autoCommit,
    }),
  text: (result, style) => describeChange(result, style, 'Nothing to remove.'),
})
