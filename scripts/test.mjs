/**
 * `npm test`: everything CI asks for, one line per step with its time; the output of a step is shown only
 * when it failed. Ends with `N passed, N failed` (steps and tests). `npm test -- lint types` runs those steps only.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { conformance } from './conformance.mjs'
import { installIfNeeded, makeScratch, root, run } from './workspace.mjs'

const node = process.execPath
const bin = name => join(root, 'node_modules', '.bin', name)
// Node reads every certificate of this file at each start: three times slower, and no test needs the network.
const { NODE_EXTRA_CA_CERTS: _, FORCE_COLOR: __, ...outer } = process.env
const scratch = makeScratch('spec-kitty-test-')
const wanted = process.argv.slice(2)
// Tests of the built program build it, but for when a step before them has.
const built = wanted.length === 0 || wanted.includes('build')
// What tests leave behind goes with it at the end.
const env = { ...outer, NO_COLOR: '1', TMPDIR: scratch, ...(built && { SPEC_KITTY_BUILT: '1' }) }

/** A step passes or fails as a whole. */
const check =
  (program, ...args) =>
  async () => {
    const { status, output } = await run(program, args, { env })
    return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, output }
  }

/** The page knows the browser, everything else does not. */
async function types() {
  const all = await Promise.all(
    ['tsconfig.json', 'packages/web/tsconfig.json'].map(path => check(bin('tsc'), '-p', path)()),
  )
  const sum = key => all.reduce((total, one) => total + one[key], 0)
  return { passed: sum('passed'), failed: sum('failed'), output: all.map(one => one.output).join('') }
}

/** Vitest counts its own tests; a failed run without a failed test (coverage, a broken file) counts as one. */
const tests =
  (name, ...args) =>
  async () => {
    const file = join(scratch, `${name}.json`)
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const { status, output } = await run(bin('vitest'), ['run', ...args, ...reporters], { env })
    const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
    const failed = report.numFailedTests ?? 0
    const note = `${report.numPassedTests ?? 0} tests${report.numPendingTests ? `, ${report.numPendingTests} skipped` : ''}`
    return {
      passed: report.numPassedTests ?? 0,
      failed: status !== 0 && failed === 0 ? 1 : failed,
      output,
      note: note + coverageNote(args),
    }
  }

function coverageNote(args) {
  const file = join(root, 'coverage/coverage-summary.json')
  if (!args.includes('--coverage') || !existsSync(file)) return ''
  return `, ${JSON.parse(readFileSync(file, 'utf8')).total.lines.pct} % of lines`
}

/** actionlint is a Go program: where there is no Go, or no way to its source, the step says so. */
async function workflows() {
  const skip = note => ({ passed: 0, failed: 0, output: '', note: `skipped: ${note}` })
  if ((await run('go', ['version'])).status !== 0) return skip('go is not installed')
  const { status, output } = await run('go', ['run', 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.7'])
  if (/dial tcp|lookup |proxy|TLS handshake/.test(output)) return skip('actionlint cannot be fetched')
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, output }
}

/** The package's own checks count; npm may need what the tests do without. */
async function packaged() {
  const { status, output } = await run(node, ['scripts/pack-check.mjs', '--short'])
  const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(output)?.map(Number) ?? [0, 0, 1]
  return { passed, failed: status === 0 ? 0 : Math.max(failed, 1), output }
}

const steps = [
  ['lint', 'format and lint', check(bin('biome'), 'ci', '--error-on-warnings', '.')],
  ['types', 'types', types],
  ['knip', 'dead code and unlisted dependencies', check(bin('knip'))],
  ['workflows', 'workflows of CI', workflows],
  ['schemas', 'schemas as committed', check(node, 'scripts/schemas.mjs', '--check')],
  ['build', 'build', check(node, 'scripts/build.mjs')],
  ['rules', 'rules of the house', tests('rules', '--project=rules')],
  ['unit', 'unit and command tests', tests('unit', '--project=unit', '--project=alone', '--coverage')],
  ['e2e', 'acceptance tests', tests('e2e', '--project=e2e')],
  ['conformance', 'conformance scenarios', () => conformance(env)],
  ['package', 'the package, installed and used', packaged],
]

/** What waits half of its time (for a slow server, a process that is to die, npm) runs while another step works. */
const BESIDE = { unit: 'conformance', e2e: 'package' }

async function timed(perform) {
  const started = performance.now()
  const result = await perform()
  return { ...result, seconds: ((performance.now() - started) / 1000).toFixed(1) }
}

async function main() {
  if (!(await installIfNeeded())) return 1
  const unknown = wanted.filter(name => !steps.some(([id]) => id === name))
  if (unknown.length > 0) {
    process.stderr.write(`Unknown step ${unknown.join(', ')}. Steps: ${steps.map(([id]) => id).join(' ')}\n`)
    return 2
  }
  const total = { passed: 0, failed: 0 }
  const chosen = steps.filter(([id]) => wanted.length === 0 || wanted.includes(id))
  const begun = new Map()
  const begin = id => {
    const step = chosen.find(([name]) => name === id)
    if (step !== undefined && !begun.has(id)) begun.set(id, timed(step[2]))
    return begun.get(id)
  }
  for (const [id, title] of chosen) {
    const running = begin(id)
    if (BESIDE[id] !== undefined) begin(BESIDE[id])
    const { passed, failed, output, note, seconds } = await running
    total.passed += passed
    total.failed += failed
    if (failed > 0) process.stdout.write(`${output.trimEnd()}\n`)
    process.stdout.write(
      `${failed > 0 ? 'FAILED' : 'ok    '} ${title}${note ? ` (${note})` : ''}, ${seconds} s\n`,
    )
  }
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`)
  return total.failed === 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
