/**
 * `npm run singles [-- TARGET…]`: single-file programs from the same bundle and texts as the package, with the
 * runtime inside, in build/singles. Targets: linux, darwin and windows, each -x64 and -arm64; without any, this machine's.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pack, stage } from './pack.mjs'
import { filesBelow, root, run } from './workspace.mjs'

const BUN = '1.4.5'
const HERE = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
const ALL = ['linux', 'darwin', 'windows'].flatMap(system => [`${system}-x64`, `${system}-arm64`])

/** bun itself, from the npm package of this platform, which has no install script. */
async function fetchBun() {
  const name = `@oven/bun-${HERE.replace('arm64', 'aarch64')}`
  const prefix = join(root, 'build/bun')
  mkdirSync(prefix, { recursive: true })
  const words = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', prefix]
  const { status, output } = await run('npm', [...words, `${name}@${BUN}`])
  if (status !== 0) throw new Error(`bun ${BUN} cannot be fetched: ${output}`)
  return join(prefix, 'node_modules', name, 'bin', process.platform === 'win32' ? 'bun.exe' : 'bun')
}

/** A first chunk that carries every text along as a file, then runs the program. */
function writeEntry() {
  const texts = ['assets', 'schemas', 'docs'].flatMap(folder => filesBelow(join(stage, folder)))
  const imports = texts.map(path => {
    const from = relative(join(stage, 'dist'), path).replaceAll('\\', '/')
    return `import ${JSON.stringify(from)} with { type: 'file' }`
  })
  const main = filesBelow(join(stage, 'dist')).find(path => /[\\/]c-main-/.test(path))
  const entry = join(stage, 'dist/single.mjs')
  writeFileSync(entry, `${imports.join('\n')}\nrequire('./${relative(dirname(entry), main)}')\n`)
  return entry
}

/** Where bun shows the files that it carries. */
const insideOf = target => (target.startsWith('windows') ? 'B:/~BUN/root' : '/$bunfs/root')

async function compile(bun, entry, target) {
  const outfile = join(
    root,
    'build/singles',
    `spec-kitty-${target}${target.startsWith('windows') ? '.exe' : ''}`,
  )
  const inside = insideOf(target)
  const { status, output } = await run(
    bun,
    [
      ...['build', '--compile', '--minify', '--bytecode', '--format=cjs', `--target=bun-${target}`],
      ...['--root', stage, '--asset-naming=[dir]/[name].[ext]', '--external=koffi', '--external=libsql'],
      ...['--define', `__filename=${JSON.stringify(`${inside}/dist/cli.cjs`)}`],
      ...['--define', `__dirname=${JSON.stringify(`${inside}/dist`)}`],
      ...['--outfile', outfile, entry],
    ],
    { cwd: stage },
  )
  if (status !== 0) throw new Error(`${target}: ${output}`)
  return outfile
}

const targets = process.argv.slice(2)
const wrong = targets.filter(target => !ALL.includes(target) && target !== 'all')
if (wrong.length > 0) {
  process.stderr.write(`No such target: ${wrong.join(', ')}. Targets: all ${ALL.join(' ')}\n`)
  process.exitCode = 2
} else {
  await pack()
  const bun = await fetchBun()
  const entry = writeEntry()
  rmSync(join(root, 'build/singles'), { recursive: true, force: true })
  const wanted = targets.includes('all') ? ALL : targets.length > 0 ? targets : [HERE]
  for (const target of wanted) process.stdout.write(`${await compile(bun, entry, target)}\n`)
}
