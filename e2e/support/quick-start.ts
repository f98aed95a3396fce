/** The quick start as README.md shows it: its commands, in order. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

export const readQuickStart = (): readonly string[] => readCommands('README.md', '## Quick start')

/** Commands of the `bash` blocks of a page, or of one section of it; a here-document belongs to its command. */
export function readCommands(page: string, section?: string): readonly string[] {
  const commands: string[] = []
  let inside = section === undefined
  let block: string[] | undefined
  for (const line of readFileSync(join(root, page), 'utf8').split('\n')) {
    // A heading inside a block belongs to a file that the block writes.
    if (block === undefined) {
      if (section !== undefined && line.startsWith('## ')) inside = line === section
      if (inside && line === '```bash') block = []
    } else if (line === '```') {
      commands.push(...commandsOf(block))
      block = undefined
    } else {
      block.push(line)
    }
  }
  return commands
}

function commandsOf(block: readonly string[]): readonly string[] {
  const commands: string[] = []
  let end: string | undefined
  for (const line of block) {
    if (end !== undefined) {
      commands[commands.length - 1] += `\n${line}`
      if (line === end) end = undefined
    } else if (line.trim() !== '') {
      commands.push(line)
      end = /<<'(\w+)'$/.exec(line)?.[1]
    }
  }
  return commands
}

/** Calls of our program in a command line. */
export function countCalls(command: string): number {
  return command.split('\n')[0]?.match(/(?:^|&& |; )spec-kitty /g)?.length ?? 0
}
