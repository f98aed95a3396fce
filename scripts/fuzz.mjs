/**
 * `npm run fuzz -- [--walks N] [--seed N] [--jobs N] [--dense] [--shrink] [--keep]`: random teams over product and raw git (e2e/fuzz).
 * Prints each broken promise with its seed and what was typed; ends with the sum. Exit 1 when a promise was broken.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { number, readOptions } from './options.mjs'
import { root, run } from './workspace.mjs'

const FLAGS = ['dense', 'shrink', 'keep']
const { values } = readOptions(import.meta.url, {
  walks: { type: 'string', default: '20' },
  seed: { type: 'string', default: `${Math.trunc(Date.now() / 1000) % 1_000_000}` },
  jobs: { type: 'string', default: '2' },
  ...Object.fromEntries(FLAGS.map(name => [name, { type: 'boolean' }])),
})
const [walks, seed, jobs] = ['walks', 'seed', 'jobs'].map(name => number(name, values[name]))

async function bundle(directory) {
  const { rolldown } = await import('rolldown')
  const build = await rolldown({
    input: join(root, 'e2e/fuzz/main.ts'),
    platform: 'node',
    resolve: { mainFields: ['module', 'main'] },
    external: ['koffi', 'libsql'],
    onLog: () => {},
  })
  await build.write({ dir: directory, format: 'esm' })
  await build.close()
  return join(directory, 'main.js')
}

/** One process with every `jobs`-th seed; resolves with what it said. */
function worker(program, words) {
  const { NODE_EXTRA_CA_CERTS: _, ...outer } = process.env
  const env = { ...outer, SK_FUZZ_ROOT: root }
  return new Promise(resolve => {
    const child = spawn(process.execPath, [program, ...words], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', text => {
      said += text
      process.stdout.write(text)
    })
    child.on('close', () => resolve(said))
  })
}

async function main() {
  const built = await run(process.execPath, ['scripts/build.mjs'], { show: true })
  if (built.status !== 0) return built.status
  // Beside dist: the texts of the product and what is not bundled are found from there.
  const directory = mkdtempSync(join(root, 'packages/cli/dist-fuzz-'))
  try {
    const program = await bundle(directory)
    const flags = FLAGS.filter(name => values[name]).map(name => `--${name}`)
    const started = performance.now()
    const said = await Promise.all(
      Array.from({ length: Math.min(jobs, walks) }, (_, i) => {
        const share = Math.ceil((walks - i) / jobs)
        return worker(program, [
          '--seed',
          `${seed + i}`,
          '--walks',
          `${share}`,
          '--stride',
          `${jobs}`,
          ...flags,
        ])
      }),
    )
    const all = said.join('')
    const count = pattern => [...all.matchAll(pattern)].length
    const broken = count(/^VIOLATION /gm)
    const seconds = Math.round((performance.now() - started) / 1000)
    process.stdout.write(
      `${count(/^walk \d+ /gm)} walks from seed ${seed}, ${broken} violations, ${seconds} s\n`,
    )
    return broken === 0 ? 0 : 1
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

process.exitCode = await main()
