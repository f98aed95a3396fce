/** What the board loads before it reads a file: each kilobyte of it is paid by nearly every command. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { root, withoutComments } from './source.ts'

const STARTS = ['cli/src/parse.ts', 'host/src/ports.ts', 'cli/src/commands/agent/tasks/status.ts']
/** Kilobytes of source, comments and blanks apart. */
const MOST = 315

/** Files that are loaded with a file: what it imports for use, not for types alone, and not when it gets there. */
function loadedWith(starts: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>()
  const visit = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    const code = withoutComments(readFileSync(path, 'utf8'))
    for (const [, what = '', from = ''] of code.matchAll(/^(?:import|export) ([^;'"]*?)from '([^']+)'/gms)) {
      const typesOnly = what.startsWith('type ') || /^\{(?:\s*type \w+,?)+\s*\}\s*$/.test(what)
      const [, name, rest] = /^@spec-kitty\/(\w+)\/(.+)$/.exec(from) ?? []
      if (typesOnly) continue
      if (from.startsWith('.')) visit(join(dirname(path), from))
      else if (name !== undefined) visit(join(root, 'packages', name, 'src', `${rest}.ts`))
    }
  }
  for (const start of starts) visit(join(root, 'packages', start))
  return seen
}

it('loads no flow of another command with the board, and little else', () => {
  const files = [...loadedWith(STARTS)]
  const flows =
    /packages\/core\/src\/(?:merge|landing\/(?:landing|settle|publish)|doctor|sync|auth|mission)\b/
  expect(files.filter(path => flows.test(path))).toEqual([])
  const bytes = files.reduce(
    (sum, path) => sum + withoutComments(readFileSync(path, 'utf8')).replace(/\s+/g, '').length,
    0,
  )
  expect(Math.round(bytes / 1024)).toBeLessThan(MOST)
  expect(files.length).toBeGreaterThan(50)
})
