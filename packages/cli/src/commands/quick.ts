import { Quick } from '@spec-kitty/contracts/cli/quick'
import { quick } from '@spec-kitty/core/mission/quick'
import { args, autoCommitFlag, defineCommand, text, toggle } from '../command.ts'

export const command = defineCommand({
  description:
    'Begins a small change at once: one work package, one file, on a branch of its own in this checkout. Review and merge as ever; when it grows, `spec-kitty promote` makes a full mission of it.',
  examples: ['spec-kitty quick "fix the typo in the README"', 'spec-kitty quick "bump the year" --worktree'],
  args: { title: args('what is to be done, in one sentence') },
  flags: {
    agent: text('who does it', { value: 'NAME' }),
    worktree: toggle('work in a worktree instead of this checkout'),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: Quick,
  run: (ports, { title, ...input }) => quick(ports, { ...input, title: title.join(' ') }),
  text: (result, style) =>
    [
      style.green(`Began ${result.mission_slug} on branch ${result.branch}.`),
      `  work in ${result.workspace_path}; it will be merged into ${result.target_branch}`,
      'Next:',
      ...result.next.map(step => `  ${step}`),
    ].join('\n'),
})
