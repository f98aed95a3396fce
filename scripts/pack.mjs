/**
 * `npm run pack`: makes the npm package `spec-kitty` in build/package (bundle, texts, schemas, types, documentation)
 * and packs it. The last line is the path of the tarball.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { bundle, writeBundle } from './bundle.mjs'
import { page, writePage } from './page.mjs'
import { typesOf } from './types.mjs'
import { filesBelow, root, run } from './workspace.mjs'

/** The folder that is packed. */
export const stage = join(root, 'build/package')
const schemas = join(root, 'packages/contracts/schemas')
/** Pages for people who work on the program itself; their links lead into the sources. */
const INTERNAL = ['README.md', 'adr', 'architecture.md', 'dependencies.md', 'releasing.md']

/** Makes the package and answers the path of its tarball. Throws when npm refuses. */
export async function pack() {
  rmSync(stage, { recursive: true, force: true })
  const output = await bundle()
  writeBundle(output, join(stage, 'dist'))
  const { files, moduleIds } = await page()
  writePage(files, join(stage, 'dist'))
  copy('packages/cli/assets', 'assets')
  copy('packages/contracts/schemas', 'schemas')
  for (const name of readdirSync(join(root, 'docs')).filter(page => !INTERNAL.includes(page)))
    copy(join('docs', name), join('docs', name))
  for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md']) copy(name, name)
  copy('packages/spec-kitty/package.json', 'package.json')
  const single = await run(process.execPath, ['scripts/schemas.mjs', '--into', join(stage, 'schemas/cli')])
  if (single.status !== 0) throw new Error(single.output)
  write('types/index.d.ts', typesOf(JSON.parse(readFileSync(join(schemas, 'cli.json'), 'utf8'))))
  write('THIRD-PARTY.txt', noticesOf([...output, { moduleIds }]))
  return await tarball()
}

const copy = (from, to) => cpSync(join(root, from), join(stage, to), { recursive: true })

function write(path, text) {
  mkdirSync(dirname(join(stage, path)), { recursive: true })
  writeFileSync(join(stage, path), text)
}

/** Names and licences of the packages whose code is in the bundle, as their authors ask. */
function noticesOf(output) {
  const packages = new Set()
  for (const id of output.flatMap(part => part.moduleIds)) {
    const inside = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)
    if (inside !== null) packages.add(inside[0])
  }
  return [...packages]
    .sort((a, b) => (a < b ? -1 : 1))
    .map(noticeOf)
    .join(`\n${'-'.repeat(80)}\n`)
}

function noticeOf(directory) {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  const file = readdirSync(directory).find(entry => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? '' : `\n${readFileSync(join(directory, file), 'utf8').trim()}\n`
  return `${name} ${version} (${license})\n${text}`
}

async function tarball() {
  const target = join(root, 'build')
  for (const old of readdirSync(target).filter(name => name.endsWith('.tgz'))) rmSync(join(target, old))
  const { status, output } = await run('npm', ['pack', stage, '--pack-destination', target, '--json'])
  if (status !== 0) throw new Error(`npm pack: ${output}`)
  const [path] = filesBelow(target).filter(name => dirname(name) === target && name.endsWith('.tgz'))
  if (path === undefined || !existsSync(path)) throw new Error(`npm pack made no tarball: ${output}`)
  return path
}

if (process.argv[1] === import.meta.filename) {
  const path = await pack()
  const files = filesBelow(stage)
  process.stdout.write(`packed ${files.length} files of ${relative(root, stage)}\n${path}\n`)
}
