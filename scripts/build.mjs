/**
 * Builds packages/cli/dist: cli.cjs, which loads the chunks, one chunk per command, and what they share. CommonJS
 * because Node starts it about 9 ms faster than ES modules (ADR 0005). Unchanged sources: nothing to do.
 * `--force` builds anyway.
 *
 * Chunk names carry a hash, cli.cjs is replaced last by a rename, and old chunks stay for an hour, so a program
 * that runs during a build finds all its parts.
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
/** The server's thread for its database: a program of its own beside the other. */
const thread = join(root, 'packages/server/src/store/store-thread.ts')
const dist = join(root, 'packages/cli/dist')
const stampFile = join(dist, '.build-stamp')

/** Everything the result depends on: product sources, manifests, these scripts, the lock file. */
function stamp() {
  const packages = ['contracts', 'core', 'host', 'server', 'cli'].map(name => join(root, 'packages', name))
  const sources = packages
    .flatMap(path => filesBelow(join(path, 'src')))
    .filter(path => !path.endsWith('.test.ts'))
  const manifests = [root, ...packages].map(path => join(path, 'package.json'))
  const scripts = ['build.mjs', 'loader.cjs'].map(name => join(root, 'scripts', name))
  return fingerprint([...sources, ...manifests, ...scripts, join(root, 'package-lock.json')])
}

/** What a module imports statically, itself included, all the way down. */
function closure(context, starts) {
  const seen = new Set()
  const visit = id => {
    if (seen.has(id)) return
    seen.add(id)
    for (const next of context.getModuleInfo(id)?.importedIds ?? []) visit(next)
  }
  for (const start of starts) visit(start)
  return seen
}

/**
 * One chunk for what nearly every command needs, measured by the one that must be fastest, the board: many small files
 * cost more than they save. Left out: what the entry holds, and schemas, which are built when they are loaded.
 */
function commonChunk() {
  const starts = ['cli/src/parse.ts', 'host/src/ports.ts', 'cli/src/commands/agent/tasks/status.ts']
  let common
  return (id, context) => {
    if (common === undefined) {
      const inEntry = closure(context, [entry])
      common = closure(
        context,
        starts.map(path => join(root, 'packages', path)),
      )
      for (const other of common) {
        if (inEntry.has(other) || /valibot|contracts.src.(cli|files|wire)/.test(other)) common.delete(other)
      }
    }
    return common.has(id) ? 'common' : null
  }
}

/** A program as chunks. Two programs share none: a chunk of the one that is loaded runs its entry. */
async function bundle(input, name, codeSplitting) {
  const { rolldown } = await import('rolldown')
  const build = await rolldown({
    input,
    platform: 'node',
    // Native code: cannot be bundled, is a dependency of the published package.
    external: ['koffi'],
    preserveEntrySignatures: false,
    // A broken import must fail the build, not the user's run.
    onLog(level, log, next) {
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message)
      next(level, log)
    },
  })
  const { output } = await build.generate({
    format: 'cjs',
    minify: true,
    // Our loader has no import(), and Node's own would start the machinery for ES modules.
    dynamicImportInCjs: false,
    entryFileNames: `c-${name}-[hash].cjs`,
    chunkFileNames: 'c-[name]-[hash].cjs',
    codeSplitting,
  })
  await build.close()
  return output
}

/** Code is strings, names and numbers by now: an escape means the same everywhere a letter may stand. */
function ascii(code) {
  return code.replace(/[^\0-\x7f]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function replaceFile(name, text) {
  const temporary = join(dist, `.${name}.${process.pid}`)
  writeFileSync(temporary, text)
  renameSync(temporary, join(dist, name))
}

/** Writes the chunks and then cli.cjs, and drops the compiled forms of older ones. */
function install(output) {
  mkdirSync(dist, { recursive: true })
  for (const part of output) replaceFile(part.fileName, ascii(part.code))
  const nameOf = name => output.find(part => part.isEntry && part.fileName.startsWith(`c-${name}-`)).fileName
  const loader = readFileSync(join(root, 'scripts/loader.cjs'), 'utf8')
  for (const [program, name] of [
    ['store-thread.cjs', 'thread'],
    ['cli.cjs', 'main'],
  ])
    replaceFile(program, `${loader}\nstart(__dirname, '${nameOf(name)}')\n`)
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
  const groups = [{ name: commonChunk(), debugName: 'common' }]
  const output = [
    ...(await bundle(thread, 'thread', false)),
    ...(await bundle(entry, 'main', { includeDependenciesRecursively: false, groups })),
  ]
  install(output)
  writeFileSync(stampFile, wanted)
  const bytes = output.reduce((sum, part) => sum + part.code.length, 0)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(
    `built packages/cli/dist: ${output.length} chunks, ${Math.round(bytes / 1024)} KiB, ${seconds} s\n`,
  )
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`The build failed: ${error.message}\n`)
  process.exitCode = 1
}
