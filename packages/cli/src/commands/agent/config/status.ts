import { AgentConfigStatus } from '@spec-kitty/contracts/cli/agent-config'
import { agentStatus } from '@spec-kitty/core/project/agent-config/show'
import { defineCommand } from '../../../command.ts'
import { PROGRAM } from '../../../program.ts'

export const command = defineCommand({
  description:
    'Compares the configuration with the files: OK, Missing (a configured agent lacks files), Orphaned (files of an agent that is not configured).',
  examples: ['spec-kitty agent config status'],
  result: AgentConfigStatus,
  run: ports => agentStatus(ports, PROGRAM),
  text: ({ agents, broken_links, in_sync }, style) =>
    [
      style.bold(`${'Agent'.padEnd(12)} ${'Directory'.padEnd(20)} ${'Configured'.padEnd(10)} Status`),
      ...agents.map(row => {
        const counts = [
          ...(row.missing.length === 0 ? [] : [`${row.missing.length} missing`]),
          ...(row.outdated.length === 0 ? [] : [`${row.outdated.length} outdated`]),
          ...(row.changed.length === 0 ? [] : [`${row.changed.length} your own`]),
        ]
        const detail = counts.length === 0 ? '' : ` (${counts.join(', ')})`
        return `${row.agent.padEnd(12)} ${row.directory.padEnd(20)} ${(row.configured ? 'yes' : 'no').padEnd(10)} ${row.status}${detail}`
      }),
      ...(broken_links.length === 0
        ? []
        : [style.yellow(`${broken_links.length} links lead nowhere: ${broken_links[0]} …`)]),
      ...(in_sync ? [] : ['To mend all this: spec-kitty agent config sync']),
    ].join('\n'),
})
