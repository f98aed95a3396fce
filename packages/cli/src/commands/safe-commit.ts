import { SafeCommit } from '@spec-kitty/contracts/cli/safe-commit'
import { safeCommit } from '@spec-kitty/core/write/safe-commit'
import { args, defineCommand, text } from '../command.ts'

export const command = defineCommand({
  description:
    'Commits exactly the files you list, in the checkout you stand in. A directory stands for its changed and untracked files. Whatever else is staged stays staged. Nothing to commit is success.',
  examples: [
    'spec-kitty safe-commit -m "Write the spec" --to-branch main kitty-specs/hello-01KQW4DF/spec.md',
    'spec-kitty safe-commit -m "Update docs" docs --json',
  ],
  args: { files: args('files or directories') },
  flags: {
    message: text('commit message', { required: true, short: 'm' }),
    toBranch: text('refuse unless this branch is checked out', { value: 'BRANCH' }),
  },
  writes: true,
  result: SafeCommit,
  run: (ports, input) => safeCommit(ports, input),
  text: ({ committed, commit, files, branch }, style) =>
    committed
      ? [
          `${style.green('Committed')} ${commit?.slice(0, 12) ?? ''} on ${branch}:`,
          ...files.map(file => `  ${file}`),
        ].join('\n')
      : 'Nothing to commit in these files.',
})
