import { Docs } from '@spec-kitty/contracts/cli/project-aids'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { basename, join } from '@spec-kitty/core/text/paths'
import type { Ports } from '@spec-kitty/core/world/ports'
import { defineCommand, optionalArg } from '../command.ts'
import { nearest } from '../nearest.ts'
import { DOCS } from '../program.ts'

export const command = defineCommand({
  description:
    'Prints a page of the documentation that came with the program, as Markdown; without a page the list of them.',
  examples: ['spec-kitty docs', 'spec-kitty docs two-agents', 'spec-kitty docs tutorial | less'],
  args: { page: optionalArg('name of a page') },
  result: Docs,
  run: ({ files }, { page }) => pageOf(files, page),
  verbatim: true,
  text: ({ text }) => text,
})

function pageOf(files: Ports['files'], asked: string | undefined): Docs {
  const found = ['', 'how-to'].flatMap(folder =>
    files
      .list(join(DOCS, folder))
      .filter(file => file.endsWith('.md') && file !== 'README.md')
      .map(file => ({ name: stem(file), text: files.text(join(DOCS, folder, file)) ?? '' })),
  )
  const pages = found.map(({ name, text }) => ({ name, title: /^# (.*)$/m.exec(text)?.[1] ?? name }))
  if (asked === undefined) {
    const width = Math.max(...pages.map(({ name }) => name.length))
    const lines = pages.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`)
    return { page: null, pages, text: ['Pages (spec-kitty docs PAGE):', ...lines, ''].join('\n') }
  }
  const name = stem(asked.toLowerCase())
  const page = found.find(other => other.name === name)
  if (page !== undefined) return { page: name, pages, text: page.text }
  const near = nearest(
    name,
    pages.map(other => other.name),
  )
  throw new KittyError('invalid_input', `No page '${asked}' in the documentation`, {
    hint: near === undefined ? sh`spec-kitty docs` : sh`spec-kitty docs ${near}`,
  })
}

/** A name as people give it: `two-agents`, `how-to/two-agents.md`. */
function stem(path: string): string {
  return basename(path).replace(/\.md$/, '')
}
