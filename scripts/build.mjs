/**
 * Builds packages/cli/dist. Unchanged sources: nothing to do. `--force` builds anyway.
 *
 * Chunk names carry a hash, cli.cjs is replaced last by a rename, and old chunks stay for an hour, so a program
 * that runs during a build finds all its parts.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundle, writeBundle } from './bundle.mjs'
import { page, writePage } from './page.mjs'
import { filesBelow, fingerprint, root } from './workspace.mjs'

const dist = join(root, 'packages/cli/dist')
const stampFile = join(dist, '.build-stamp')

/** Everything the result depends on: product sources, manifests, these scripts, the lock file. */
function stamp() {
  const packages = ['contracts', 'core', 'host', 'server', 'dashboard', 'cli', 'web'].map(name =>
    join(root, 'packages', name),
  )
  const sources = packages
    .flatMap(path => filesBelow(join(path, 'src')))
    .filter(path => !path.endsWith('.test.ts'))
  const manifests = [root, ...packages].map(path => join(path, 'package.json'))
  const scripts = ['bundle.mjs', 'page.mjs', 'loader.cjs'].map(name => join(root, 'scripts', name))
  return fingerprint([...sources, ...manifests, ...scripts, join(root, 'package-lock.json')])
}

/** Removes what belongs to older builds: chunks after an hour, compiled forms at once. */
function tidy(output) {
  const current = new Set(output.map(part => part.fileName))
  const anHourAgo = Date.now() - 3_600_000
  for (const name of readdirSync(dist).filter(other => other.startsWith('c-'))) {
    if (!current.has(name) && statSync(join(dist, name)).mtimeMs < anHourAgo)
      rmSync(join(dist, name), { force: true })
  }
  rmSync(join(dist, 'compiled'), { recursive: true, force: true })
}

async function main() {
  const wanted = stamp()
  const built =
    existsSync(join(dist, 'cli.cjs')) && existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : ''
  if (built === wanted && !process.argv.includes('--force')) return 0
  const started = performance.now()
  const [output, { files, weight }] = await Promise.all([bundle(), page()])
  writePage(files, dist)
  writeBundle(output, dist)
  tidy(output)
  writeFileSync(stampFile, wanted)
  const bytes = output.reduce((sum, part) => sum + part.code.length, 0)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(
    `built packages/cli/dist: ${output.length} chunks, ${Math.round(bytes / 1024)} KiB, page ${Math.round(weight / 1024)} KiB gzipped, ${seconds} s\n`,
  )
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`The build failed: ${error.message}\n`)
  process.exitCode = 1
}
