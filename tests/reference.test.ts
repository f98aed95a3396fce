/** docs/commands.md is made from the declarations. After a change: npx vitest run tests/reference.test.ts -u */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Command, FlagSpec } from '../packages/cli/src/command.ts'
import { kebab } from '../packages/cli/src/command.ts'
import { COMMANDS } from '../packages/cli/src/commands/index.ts'
import { placeholder } from '../packages/cli/src/parse.ts'
import { root } from './source.ts'

const HEAD = `# Commands

Made from the declarations by a test; do not edit. Every command has \`--help\`, and \`--json\` unless it says otherwise; the form of its
document is in [cli.json](../packages/contracts/schemas/cli.json). Exit status: 0 done, 1 refused or failed with nothing
written, 2 not understood, 4 and 5 the project was made for another version.
`

it('docs/commands.md says what the declarations say', async () => {
  const parts: string[] = []
  for (const [path, { summary, load }] of Object.entries(COMMANDS)) {
    const { command } = await load()
    parts.push(page(path, summary, command))
  }
  await expect(`${HEAD}\n${parts.join('\n')}`).toMatchFileSnapshot(join(root, 'docs/commands.md'))
})

function page(path: string, summary: string, command: Command): string {
  const args = Object.entries(command.args)
  const flags = Object.entries(command.flags).filter(([, flag]) => flag.hidden !== true)
  const rows = [
    ...args.map(([name, spec]) => `| \`${placeholder(name, spec)}\` | ${cell(spec.help)} |`),
    ...flags.map(
      ([name, flag]) =>
        `| \`${flagWords(name, flag)}\` | ${cell(flag.help)}${flag.required === true ? ' (required)' : ''} |`,
    ),
  ]
  return [
    `## ${path}`,
    '',
    `${summary}.${command.description === '' ? '' : ` ${command.description}`}${command.alwaysJson ? ' Always answers in JSON.' : ''}`,
    '',
    ...(rows.length === 0 ? [] : ['| | |', '|---|---|', ...rows, '']),
    ...(command.examples.length === 0 ? [] : ['```', ...command.examples, '```', '']),
  ].join('\n')
}

function flagWords(name: string, flag: FlagSpec): string {
  const word = `--${kebab(name)}`
  const short = flag.short === undefined ? '' : `-${flag.short}, `
  switch (flag.kind) {
    case 'toggle':
      return `${short}--[no-]${kebab(name)}`
    case 'choice':
      return `${short}${word} ${flag.choices.join('\\|')}`
    case 'text':
    case 'count':
    case 'many':
      return `${short}${word} ${flag.value}${flag.kind === 'many' ? ' …' : ''}`
  }
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
