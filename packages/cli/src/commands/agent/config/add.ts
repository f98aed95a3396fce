import { AgentConfigChange } from '@spec-kitty/contracts/cli/agent-config'
import { addAgents } from '@spec-kitty/core/project/agent-config/change'
import { args, autoCommitFlag, defineCommand } from '../../../command.ts'
import { PROGRAM } from '../../../program.ts'
import { describeChange } from './describe.ts'

export const command = defineCommand({
  description:
    'Does for more agents what `init` does: commands, skills, orientation. A file of yours that lies in the way is kept.',
  examples: ['spec-kitty agent config add gemini cursor'],
  args: { agents: args('agent keys; `agent config list` shows them') },
  flags: { autoCommit: autoCommitFlag },
  writes: true,
  result: AgentConfigChange,
  run: (ports, input) => addAgents(ports, PROGRAM, { keys: input.agents, autoCommit: input.autoCommit }),
  text: (result, style) => describeChange(result, style, 'Nothing to add.'),
})
