import { AgentConfigSet } from '@spec-kitty/contracts/cli/agent-config'
import { setAgentSwitch } from '@spec-kitty/core/project/agent-config/change'
import { arg, autoCommitFlag, defineCommand } from '../../../command.ts'
import { PROGRAM } from '../../../program.ts'

export const command = defineCommand({
  description: 'Sets a switch of this project: auto_commit (commit bookkeeping) or lint_on_edit.',
  examples: ['spec-kitty agent config set auto_commit false'],
  args: { key: arg('auto_commit or lint_on_edit'), value: arg('true or false') },
  flags: { autoCommit: autoCommitFlag },
  writes: true,
  result: AgentConfigSet,
  run: (ports, input) => setAgentSwitch(ports, PROGRAM, input),
  text: ({ key, value }, style) => `${style.green('✓')} ${key} = ${value}`,
})
