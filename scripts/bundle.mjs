/**
 * Makes the bundle: chunks of CommonJS, one for each command, and what they share, with cli.cjs in front, which loads
 * them. CommonJS because Node starts it about 9 ms faster than ES modules (ADR 0005).
 */
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.mjs'

const entry = join(root, 'packages/cli/src/bin.ts')
/** The server's threads: a program of its own beside the other. */
const thread = join(root, 'packages/server/src/server-thread.ts')

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

const PARTS = {
  common: ['cli/src/parse.ts', 'host/src/ports.ts', 'cli/src/commands/agent/tasks/status.ts'],
  writing: ['cli/src/commands/agent/tasks/move-task.ts'],
}

/**
 * One chunk for the entry and all it imports, one for what nearly every command needs, measured by the one that must be
 * fastest, the board, and one for what most that write need besides, measured by a transition: many small files cost more
 * than they save. Left out: schemas, which are built when they are loaded.
 */
function sharedChunks() {
  let parts
  return (id, context) => {
    if (parts === undefined) {
      const taken = closure(context, [entry])
      const first = new Set(taken)
      parts = Object.entries(PARTS).map(([name, starts]) => {
        const paths = starts.map(path => join(root, 'packages', path))
        const own = [...closure(context, paths)].filter(
          other => !taken.has(other) && !/valibot|contracts.src.(cli|files|wire)|src.commands/.test(other),
        )
        for (const other of own) taken.add(other)
        return [name, new Set(own)]
      })
      parts.push(['entry', first])
    }
    return parts.find(([, own]) => own.has(id))?.[0] ?? null
  }
}

/**
 * The schema of a command's answer is there for its type and for tests: no run looks at it. Without it the library of
 * schemas is not loaded, which most commands have no other use for.
 */
const withoutAnswers = {
  name: 'without-answers',
  transform: (code, id) =>
    id.includes('/cli/src/commands/') ? code.replace(/^ {2}result: [\w.]+,$/m, '  result: undefined,') : null,
}

/** The chunks of both programs: `fileName`, `code`, `moduleIds`, `isEntry`. Throws at an import that leads nowhere. */
export async function bundle() {
  const groups = [{ name: sharedChunks(), debugName: 'shared' }]
  return [
    ...(await chunksOf(thread, 'thread', false)),
    ...(await chunksOf(entry, 'main', { includeDependenciesRecursively: false, groups })),
  ]
}

/** A program as chunks. Two programs share none: a chunk of the one that is loaded runs its entry. */
async function chunksOf(input, name, codeSplitting) {
  const { rolldown } = await import('rolldown')
  const build = await rolldown({
    input,
    platform: 'node',
    // Modules where a package has both: the other form of some asks for its parts by names that no bundler sees.
    resolve: { mainFields: ['module', 'main'] },
    // Native code: cannot be bundled, are dependencies of the published package.
    external: ['koffi', 'libsql'],
    plugins: [withoutAnswers],
    treeshake: { moduleSideEffects: id => !id.includes('/contracts/src/cli/') },
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

function replaceFile(path, text, mode) {
  const temporary = `${path}.${process.pid}`
  writeFileSync(temporary, text)
  if (mode !== undefined) chmodSync(temporary, mode)
  renameSync(temporary, path)
}

/** Writes the chunks to `directory`, and cli.cjs last, so that a program that starts meanwhile finds all its parts. */
export function writeBundle(output, directory) {
  mkdirSync(directory, { recursive: true })
  for (const part of output) replaceFile(join(directory, part.fileName), ascii(part.code))
  const loader = readFileSync(join(root, 'scripts/loader.cjs'), 'utf8')
  const text = name => `#!/usr/bin/env node\n${loader}\nstart(__dirname, '${mainOf(output, name)}')\n`
  replaceFile(join(directory, 'server-thread.cjs'), text('thread'))
  replaceFile(join(directory, 'cli.cjs'), text('main'), 0o755)
}

/** The file of a program's first chunk; `name` is 'main' or 'thread'. */
function mainOf(output, name) {
  return output.find(part => part.isEntry && part.fileName.startsWith(`c-${name}-`)).fileName
}
