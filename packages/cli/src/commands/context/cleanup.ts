import { ContextCleanup } from '@spec-kitty/contracts/cli/context'
import { cleanContexts } from '@spec-kitty/core/lanes/contexts'
import { defineCommand, toggle } from '../../command.ts'

export const command = defineCommand({
  description:
    'Removes context files whose worktree or mission is gone. Worktrees and branches are never touched.',
  examples: ['spec-kitty context cleanup --dry-run'],
  flags: { dryRun: toggle('only say what would be removed') },
  writes: true,
  result: ContextCleanup,
  run: (ports, input) => cleanContexts(ports, input),
  text: ({ removed, dry_run }) =>
    removed.length === 0
      ? 'Nothing to clean up.'
      : removed.map(name => `${dry_run ? 'Would remove' : 'Removed'} ${name}`).join('\n'),
})
