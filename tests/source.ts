/** The product's own source, as the rules of the house see it: files, their imports, their code without comments. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

export const root = join(import.meta.dirname, '..')

export interface SourceFile {
  /** Relative to the repository root, `/` separated. */
  readonly path: string
  readonly package: string
  /** Shipped code, as opposed to tests and what only tests use. */
  readonly product: boolean
  /** As written. */
  readonly text: string
  /** Comments blanked out, lines kept. */
  readonly code: string
  readonly imports: readonly string[]
}

/** Every TypeScript file below packages/<name>/src. */
export function readSources(): readonly SourceFile[] {
  const home = join(root, 'packages')
  return readdirSync(home).flatMap(name => {
    const src = join(home, name, 'src')
    // The published package has a manifest only.
    if (!existsSync(src)) return []
    return readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter(file => /\.tsx?$/.test(file))
      .sort()
      .map(file => describeFile(name, relative(root, join(src, file))))
  })
}

function describeFile(name: string, path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8')
  const code = withoutComments(text)
  return {
    path,
    package: name,
    product: !path.endsWith('.test.ts') && !path.includes('/testing/'),
    text,
    code,
    imports: importsOf(code),
  }
}

/** Blanks comments, so that a rule does not trip over a sentence about it. Line numbers stay. */
export function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, comment => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|[\s;{}()])\/\/[^\n]*/g, '$1')
}

/** Module names in `from '…'`, `import '…'` and `import('…')`; a name has no blank in it. */
export function importsOf(code: string): readonly string[] {
  const pattern = /(?:^|[\s;}])(?:from|import)\s*\(?\s*['"]([^'"\s(]+)['"]/g
  return [...code.matchAll(pattern)].map(match => match[1] ?? '')
}
