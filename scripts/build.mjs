/**
 * Builds packages/cli/dist/cli.cjs and its lazy chunks. CommonJS because Node starts it about 9 ms faster than
 * ES modules (docs/dependencies.md). Unchanged sources: nothing to do. `--force` builds anyway.
 *
 * Chunk names carry a hash and the entry is replaced last by a rename, and old chunks stay for
 * an hour, so a program that runs during a build finds all its parts.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { filesBelow, fingerprint, root } from './workspace.mjs'

const entry = join(root, 'packages/cli/src/bin.ts')
const dist = join(root, 'packages/cli/dist')
const stampFile = join(dist, '.build-stamp')

/** Everything the result depends on: product sources, manifests, this script, the lock file. */
function inputs() {
  const packages = ['contracts', 'core', 'host', 'server', 'cli'].map(name => join(root, 'packages', name))
  const sources = packages
    .flatMap(path => filesBelow(join(path, 'src')))
    .filter(path => !path.endsWith('.test.ts'))
  const manifests = packages.map(path => join(path, 'package.json'))
  return [
    ...sources,
    ...manifests,
    join(root, 'package.json'),
    join(root, 'package-lock.json'),
    join(root, 'scripts/build.mjs'),
  ]
}

async function bundle(version) {
  const { rolldown } = await import('rolldown')
  const build = await rolldown({
    input: entry,
    platform: 'node',
    // Native code: cannot be bundled. koffi is a dependency of the published package; libsql is for `serve` on Node 20.
    external: ['koffi', 'libsql'],
    // A broken import must fail the build, not the user's run.
    onLog(level, log, next) {
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message)
      next(level, log)
    },
    transform: { define: { __SPEC_KITTY_VERSION__: JSON.stringify(version) } },
  })
  const { output } = await build.generate({
    format: 'cjs',
    // A dynamic import of a built-in module would start Node's ES module loader: 1-2 ms on every command.
    dynamicImportInCjs: false,
    minify: true,
    entryFileNames: 'cli.cjs',
    chunkFileNames: 'c-[name]-[hash].cjs',
  })
  await build.close()
  return output
}

function install(output) {
  mkdirSync(dist, { recursive: true })
  const entryLast = [...output].sort((a, b) => Number(a.isEntry ?? false) - Number(b.isEntry ?? false))
  for (const part of entryLast) {
    const temporary = join(dist, `.${part.fileName}.${process.pid}`)
    writeFileSync(temporary, part.type === 'chunk' ? part.code : part.source)
    renameSync(temporary, join(dist, part.fileName))
  }
  const current = new Set(output.map(part => part.fileName))
  const anHourAgo = Date.now() - 3_600_000
  for (const name of readdirSync(dist)) {
    const stale = name.startsWith('c-') && !current.has(name)
    if (stale && statSync(join(dist, name)).mtimeMs < anHourAgo) rmSync(join(dist, name), { force: true })
  }
}

async function main() {
  if (!existsSync(entry)) {
    process.stderr.write('packages/cli/src/bin.ts is missing: nothing to build\n')
    return 1
  }
  const stamp = fingerprint(inputs())
  const built =
    existsSync(stampFile) && existsSync(join(dist, 'cli.cjs')) ? readFileSync(stampFile, 'utf8') : ''
  if (built === stamp && !process.argv.includes('--force')) return 0
  const started = performance.now()
  const { version } = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8'))
  const output = await bundle(version)
  install(output)
  writeFileSync(stampFile, stamp)
  const bytes = output.reduce((sum, part) => sum + (part.type === 'chunk' ? part.code.length : 0), 0)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(
    `built packages/cli/dist: ${output.length} files, ${Math.round(bytes / 1024)} KiB, ${seconds} s\n`,
  )
  return 0
}

process.exitCode = await main()
