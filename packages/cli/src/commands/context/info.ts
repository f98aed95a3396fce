import { ContextInfo } from '@spec-kitty/contracts/cli/context'
import { showContext } from '@spec-kitty/core/lanes/contexts'
import { defineCommand, text } from '../../command.ts'

export const command = defineCommand({
  description: 'Shows the context of a lane worktree: the one you stand in, or the one you name.',
  examples: ['spec-kitty context info', 'spec-kitty context info --workspace hello-01KQW4DF-lane-a --json'],
  flags: {
    workspace: text('name of the workspace, as "context list" shows it', { value: 'NAME', short: 'w' }),
  },
  result: ContextInfo,
  run: (ports, input) => showContext(ports, input),
  text: item =>
    [
      `Workspace   ${item.name}${item.exists ? '' : ' (gone)'}`,
      `Mission     ${item.mission_slug}`,
      `Package     ${item.current_wp ?? item.wp_id} of ${item.lane_wp_ids.join(', ')} in ${item.lane_id}`,
      `Worktree    ${item.worktree_path}`,
      `Branch      ${item.branch_name} from ${item.base_branch ?? '?'} at ${item.base_commit?.slice(0, 12) ?? '?'}`,
      `Builds on   ${item.dependencies.join(', ') || '-'}`,
    ].join('\n'),
})
