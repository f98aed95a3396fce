import { AgentConfigChange } from '@spec-kitty/contracts/cli/agent-config'
import { syncAgents } from '@spec-kitty/core/project/agent-config/change'
import { autoCommitFlag, defineCommand, toggle } from '../../../command.ts'
import { PROGRAM } from '../../../program.ts'
import { describeChange } from './describe.ts'

export const command = defineCommand({
  description:
    'Brings files in line with the configuration: writes missing ones, refreshes ours, removes those of agents that are gone, replaces broken links of the Python edition. Files you edited are kept.',
  examples: ['spec-kitty agent config sync'],
  flags: {
    createMissing: toggle('write files that are missing or outdated (default: yes)'),
    removeOrphaned: toggle('remove files of agents that are not configured (default: yes)'),
    keepOrphaned: toggle('leave files of agents that are not configured'),
    syncHooks: toggle('accepted for scripts of the Python edition; there are no hooks here', {
      hidden: true,
    }),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: AgentConfigChange,
  run: (ports, input) =>
    syncAgents(ports, PROGRAM, {
      createMissing: input.createMissing ?? true,
      removeOrphaned: input.removeOrphaned ?? input.keepOrphaned !== true,
      autoCommit: input.autoCommit,
    }),
  text: (result, style) => describeChange(result, style, 'No changes needed - filesystem matches config'),
})
