import { Trust } from '@spec-kitty/contracts/cli/trust'
import { trust } from '@spec-kitty/core/project/trust'
import { defineCommand, optionalArg } from '../command.ts'

export const command = defineCommand({
  description:
    'Allows one command that this repository brings along (worktree.setup, a custom check) to run, on this machine and with exactly these words. Without KEY it shows the commands and their keys.',
  examples: ['spec-kitty trust', 'spec-kitty trust 0123456789abcdef0123456789abcdef'],
  args: { key: optionalArg('key of the command, as a refusal names it') },
  writes: true,
  result: Trust,
  run: trust,
  text: ({ key, commands }, style) => {
    const rows = commands.map(
      item =>
        `${item.trusted ? 'allowed' : style.yellow('not allowed')}  ${item.key}  ${item.setting}: ${item.command}`,
    )
    if (key !== null) return `Allowed: ${key}`
    return rows.length === 0 ? 'The configuration of this repository runs no command.' : rows.join('\n')
  },
})
