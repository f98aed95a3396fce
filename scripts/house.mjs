/** `npm run house`: the tail of our own source: longest files and functions, lines per package. A mirror, not a gate. */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { filesBelow, root } from './workspace.mjs'

const packages = ['contracts', 'core', 'host', 'server', 'cli', 'web']
const isProduct = path => /\.tsx?$/.test(path) && !path.endsWith('.test.ts') && !path.includes('/testing/')

/** Functions that begin at the start of a line and end with a line `}`: all of ours, as the formatter writes them. */
function functionsIn(path, lines) {
  const found = []
  let open
  lines.forEach((line, index) => {
    const name = /^(?:export )?(?:async )?function (\w+)|^(?:export )?const (\w+) = .*=>\s*\{$/.exec(line)
    if (name !== null) open = { name: name[1] ?? name[2], line: index + 1 }
    else if (line === '}' && open !== undefined) {
      found.push({ path, ...open, length: index + 2 - open.line })
      open = undefined
    }
  })
  return found
}

function table(title, rows) {
  process.stdout.write(
    `\n${title}\n${rows.map(([number, text]) => `${String(number).padStart(7)}  ${text}`).join('\n')}\n`,
  )
}

const files = packages.flatMap(name =>
  filesBelow(join(root, 'packages', name, 'src')).map(path => {
    const lines = readFileSync(path, 'utf8').split('\n')
    return { name, path: relative(root, path), product: isProduct(path), lines }
  }),
)
const product = files.filter(file => file.product)
const functions = product.flatMap(file => functionsIn(file.path, file.lines))
const total = list => list.reduce((sum, file) => sum + file.lines.length, 0)
const longest = (list, size, text) =>
  list
    .toSorted((a, b) => size(b) - size(a))
    .slice(0, 12)
    .map(item => [size(item), text(item)])

table('Lines of product and of tests', [
  ...packages.map(name => [total(product.filter(file => file.name === name)), name]),
  [total(product), 'product'],
  [total(files.filter(file => !file.product)), 'tests'],
])
table(
  'Longest files',
  longest(
    product,
    file => file.lines.length,
    file => file.path,
  ),
)
table(
  'Longest functions',
  longest(
    functions,
    item => item.length,
    item => `${item.name}  ${item.path}:${item.line}`,
  ),
)
