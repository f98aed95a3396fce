/** The commands that a text prints, and a world to try them in. */
import { cpSync, lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { World } from '@spec-kitty/host/testing/world'

/** What stands in backquotes, on a line of its own, or behind the sign of a list. */
export function commandsIn(text: string): readonly string[] {
  const spans = [...text.matchAll(/`((?:spec-kitty|git) [^`\n]+)`/g)]
  const lines = [...text.matchAll(/^(?: {4}|\d+\. |- |\$ )?((?:spec-kitty|git) .+)$/gm)]
  return [...new Set([...spans, ...lines].map(([, command = '']) => command.trim()))]
}

/** The commands of a sentence: from the name of the program to where the sentence goes on. */
export function commandsAmong(sentence: string): readonly string[] {
  return [
    ...sentence.matchAll(/(?:^|: |`|\(|&& )((?:spec-kitty|git) (?:[^`"'\n]|"[^"]*"|'[^']*')+)/g),
  ].flatMap(
    ([, command = '']) => command.split(/ && |, or | · | \(|\)|\. [A-Z]|; /)[0]?.replace(/[.,;]$/, '') ?? [],
  )
}

/** Every path below a directory with its size and time. */
function traces(directory: string): string {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => !entry.isDirectory())
    .map(({ parentPath, name }) => {
      const { size, mtimeMs } = lstatSync(join(parentPath, name))
      return `${parentPath}/${name} ${size} ${mtimeMs}`
    })
    .join('\n')
}

/** A copy of a world to which it can be brought back, paths and all; what did not touch it costs little. */
export function keep(world: World): { readonly restore: () => void; readonly drop: () => void } {
  const copy = `${world.dir}-kept`
  const options = { recursive: true, preserveTimestamps: true, verbatimSymlinks: true } as const
  // One file instead of hundreds.
  world.git('gc', '-q', '--no-prune')
  cpSync(world.dir, copy, options)
  const before = traces(world.dir)
  return {
    restore: () => {
      if (traces(world.dir) === before) return
      for (const name of readdirSync(world.dir))
        rmSync(join(world.dir, name), { recursive: true, force: true })
      cpSync(copy, world.dir, options)
    },
    drop: () => rmSync(copy, { recursive: true, force: true }),
  }
}
