/**
 * `npm run patterns`: judges each regular expression of the product that nobody judged yet. Safe is one whose time grows
 * with the text and no faster; tests/patterns.txt holds the judged ones, each by the beginning of its SHA-256. Exit 1
 * for one that is not safe. Rewrite it, or, where its text is short for a reason, add the line that is printed.
 *
 * The judge is fetched when it is asked: with all its parts it would be a hundred megabytes in every checkout.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseAst } from 'rolldown/parseAst'
import { filesBelow, root } from './workspace.mjs'

const PACKAGES = ['contracts', 'core', 'host', 'server', 'dashboard', 'cli', 'web']
const LIST = join(root, 'tests/patterns.txt')
const JUDGE = 'recheck@4.5.0'

/**
 * Every pattern of the product that repeats something without end, once: `key` as `/pattern/flags`, `hash`, the first
 * `path` that has it.
 */
export function collect() {
  const files = PACKAGES.flatMap(name => filesBelow(join(root, 'packages', name, 'src')))
    .filter(path => /\.tsx?$/.test(path) && !/\.test\.tsx?$|\/testing\//.test(path))
    .map(path => {
      const text = readFileSync(path, 'utf8')
      return { path: relative(root, path), tree: parseAst(text, { lang: path.endsWith('x') ? 'tsx' : 'ts' }) }
    })
  const constants = new Map()
  for (const { tree } of files)
    visit(tree, node => {
      if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier')
        constants.set(node.id.name, node.init)
    })
  const found = new Map()
  for (const { path, tree } of files)
    visit(tree, node => {
      const [pattern, flags] = read(node, constants) ?? []
      if (pattern === undefined || !/[*+]|\{\d+,\}/.test(pattern)) return
      const key = `/${pattern}/${flags}`
      const hash = createHash('sha256').update(key).digest('hex').slice(0, 12)
      if (!found.has(key)) found.set(key, { key, hash, pattern, flags, path })
    })
  return [...found.values()]
}

/** The judged ones: hash → why it is left as it is; empty for a safe one. */
export function judged() {
  const lines = readFileSync(LIST, 'utf8').split('\n').filter(Boolean)
  return new Map(lines.map(line => [line.slice(0, 12), line.slice(13)]))
}

function visit(node, look) {
  if (Array.isArray(node)) for (const item of node) visit(item, look)
  else if (typeof node?.type === 'string') {
    look(node)
    for (const item of Object.values(node)) if (typeof item === 'object') visit(item, look)
  }
}

/** Pattern and flags of a literal, or of `new RegExp` with its constants filled in; what comes at run time is one letter. */
function read(node, constants) {
  if (node.type === 'Literal' && node.regex) return [node.regex.pattern, node.regex.flags]
  if (node.type !== 'NewExpression' || node.callee.name !== 'RegExp') return undefined
  const [pattern, flags] = node.arguments.map(item => textOf(item, constants))
  return [pattern ?? 'k', flags ?? '']
}

function textOf(node, constants) {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value
  if (node?.type === 'Identifier' && constants.has(node.name))
    return textOf(constants.get(node.name), constants)
  if (node?.type !== 'TemplateLiteral') return undefined
  const parts = node.expressions.map(item => textOf(item, constants) ?? 'k')
  return node.quasis.map((piece, i) => piece.value.cooked + (parts[i] ?? '')).join('')
}

function fetchJudge() {
  const home = join(tmpdir(), 'spec-kitty-patterns')
  mkdirSync(home, { recursive: true })
  const words = ['install', '--prefix', home, '--no-save', '--omit=optional', '--no-audit', '--no-fund']
  execFileSync('npm', [...words, '--silent', JUDGE], { stdio: ['ignore', 'ignore', 'inherit'] })
  return createRequire(join(home, 'x.cjs'))('recheck/lib/browser.js').checkSync
}

function main() {
  const known = judged()
  const patterns = collect()
  const fresh = patterns.filter(({ hash }) => !known.has(hash))
  const check = fresh.length > 0 ? fetchJudge() : undefined
  const bad = []
  for (const { key, hash, pattern, flags, path } of fresh) {
    const { status, complexity, error, attack } = check(pattern, flags, { timeout: 20_000 })
    if (status === 'safe') known.set(hash, '')
    else {
      const what = complexity?.summary ?? error?.kind ?? status
      bad.push(`${path}: ${key}\n  ${what}${attack ? `, for example ${attack.pattern}` : ''}`)
      bad.push(`  To leave it: ${hash} ${path}: WHY ITS TEXT IS SHORT`)
    }
  }
  const present = new Set(patterns.map(({ hash }) => hash))
  const lines = [...known].filter(([hash]) => present.has(hash)).map(([hash, why]) => `${hash} ${why}`.trim())
  writeFileSync(LIST, `${lines.toSorted((a, b) => (a < b ? -1 : 1)).join('\n')}\n`)
  for (const line of bad) console.error(line)
  console.log(`${patterns.length} patterns, ${fresh.length} new`)
  return bad.length === 0 ? 0 : 1
}

if (process.argv[1] === import.meta.filename) process.exitCode = main()
