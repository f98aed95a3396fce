/**
 * Makes the dashboard's page: app.js in one piece, app.css from its parts in order, and what stands beside them. The
 * server reads these files once and answers from memory.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { filesBelow, root } from './workspace.mjs'

const source = join(root, 'packages/web/src')
/** What the page may weigh when it is sent, in bytes. */
const MOST_GZIPPED = 120 * 1024

/** The files of the page, name → text. Throws when an import leads nowhere or the page is too heavy. */
export async function page() {
  const { rolldown } = await import('rolldown')
  const build = await rolldown({
    input: join(source, 'main.tsx'),
    platform: 'browser',
    tsconfig: join(root, 'packages/web/tsconfig.json'),
    transform: { target: 'es2022' },
    onLog(level, log, next) {
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message)
      next(level, log)
    },
  })
  const { output } = await build.generate({ format: 'esm', minify: true, codeSplitting: false })
  await build.close()
  const styles = filesBelow(join(source, 'styles')).map(path => readFileSync(path, 'utf8'))
  const files = {
    'index.html': readFileSync(join(source, 'index.html'), 'utf8'),
    'app.js': output[0].code,
    'app.css': styles
      .join('\n')
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/\n\s*/g, '\n'),
  }
  const weight = Object.values(files).reduce((sum, text) => sum + gzipSync(text).length, 0)
  if (weight > MOST_GZIPPED)
    throw new Error(`the page weighs ${weight} bytes gzipped, more than ${MOST_GZIPPED}`)
  return { files, moduleIds: output[0].moduleIds, weight }
}

/** Writes the page to `web` below `directory`; a server that reads meanwhile finds old or new files, none in halves. */
export function writePage(files, directory) {
  mkdirSync(join(directory, 'web'), { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    const temporary = join(directory, 'web', `${name}.${process.pid}`)
    writeFileSync(temporary, text)
    renameSync(temporary, join(directory, 'web', name))
  }
}
