import { AgentConfigList } from '@spec-kitty/contracts/cli/agent-config'
import { listAgents } from '@spec-kitty/core/project/agent-config/show'
import { defineCommand } from '../../../command.ts'

export const command = defineCommand({
  description: 'Lists the agents this project is set up for, and those it could be set up for.',
  examples: ['spec-kitty agent config list'],
  result: AgentConfigList,
  run: ports => listAgents(ports),
  text: ({ agents, available, auto_commit }, style) =>
    [
      ...(agents.length === 0
        ? ['No agents configured.']
        : [
            style.bold('Configured agents:'),
            ...agents.map(
              ({ agent, name, directory }) =>
                `  ${style.green('✓')} ${agent.padEnd(12)} ${name} ${style.dim(`(${directory})`)}`,
            ),
          ]),
      `Auto-commit: ${auto_commit ? 'enabled' : 'disabled'}`,
      ...(available.length === 0 ? [] : [`Available but not configured: ${available.join(', ')}`]),
    ].join('\n'),
})
