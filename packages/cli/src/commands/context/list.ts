import { ContextList } from '@spec-kitty/contracts/cli/context'
import { listContexts } from '@spec-kitty/core/lanes/contexts'
import { defineCommand, toggle } from '../../command.ts'

export const command = defineCommand({
  description: 'Lists the lane worktrees that were made on this machine.',
  examples: ['spec-kitty context list', 'spec-kitty context list --orphaned --json'],
  flags: { orphaned: toggle('only those whose worktree or mission is gone') },
  result: ContextList,
  run: (ports, input) => listContexts(ports, input),
  text: ({ workspaces }, style) =>
    workspaces.length === 0
      ? 'No workspace contexts.'
      : workspaces
          .map(
            item =>
              `${item.name}  ${item.current_wp ?? item.wp_id}  ${item.branch_name}${item.orphaned ? style.yellow('  orphaned') : ''}`,
          )
          .join('\n'),
})
