/**
 * `npm run mutate`: changes the product one operator at a time and asks whether a test sees it (Stryker). Over the models of
 * log, tasks and lanes and the writing door; other files or folders: `npm run mutate -- packages/core/src/text/yaml.ts`,
 * `--jobs 1` for one process instead of two. The report lists the survivors; the run fails below 85 % killed. Stryker is
 * fetched when it is first asked for: 150 packages that nobody needs to try, build or test the product.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { number, readOptions } from './options.mjs'
import { filesBelow, root, run } from './workspace.mjs'

const VERSION = '9.6.1'
const AREAS = ['repo/log', 'repo/tasks', 'repo/lanes', 'write']
const KILLED_AT_LEAST = 85
const tools = join(root, 'node_modules/.mutate')
const stryker = join(tools, 'node_modules/@stryker-mutator/core/bin/stryker.js')

async function install() {
  if (existsSync(stryker)) return
  mkdirSync(tools, { recursive: true })
  // Without a package.json of its own npm would climb to ours.
  writeFileSync(join(tools, 'package.json'), '{ "private": true }\n')
  const packages = ['core', 'vitest-runner'].map(name => `@stryker-mutator/${name}@${VERSION}`)
  // Vitest is ours: the runner finds it further up.
  const words = ['install', '--prefix', tools, '--no-package-lock', '--legacy-peer-deps', ...packages]
  const { status, output } = await run('npm', words, {})
  if (status !== 0) throw new Error(output)
}

/** The product files at a path, which may be one file. */
function productFiles(path) {
  return path.endsWith('.ts') ? [path] : filesBelow(path).filter(file => !file.endsWith('.test.ts'))
}

function configuration(files, jobs) {
  return {
    testRunner: 'vitest',
    plugins: [join(tools, 'node_modules/@stryker-mutator/vitest-runner/dist/src/index.js')],
    vitest: { configFile: 'scripts/mutate.vitest.config.ts', related: false },
    mutate: files,
    coverageAnalysis: 'perTest',
    // Words of messages are asserted where they matter; a changed sentence is no fault.
    mutator: { excludedMutations: ['StringLiteral'] },
    // TypeScript 7 has no programming interface: there is nothing to rewrite for it.
    tsconfigFile: 'none.json',
    concurrency: jobs,
    timeoutMS: 10_000,
    reporters: ['clear-text', 'json'],
    clearTextReporter: { logTests: false, allowColor: false },
    jsonReporter: { fileName: join(tools, 'report.json') },
    tempDirName: join(tools, 'sandbox'),
    ignorePatterns: ['coverage', 'packages/cli/dist', 'packages/contracts/schemas/cli.json'],
    thresholds: { high: 95, low: KILLED_AT_LEAST, break: KILLED_AT_LEAST },
    disableTypeChecks: false,
    allowConsoleColors: false,
  }
}

const { positionals, values } = readOptions(import.meta.url, { jobs: { type: 'string', default: '2' } }, true)
await install()
const asked = positionals.length > 0 ? positionals : AREAS.map(area => `packages/core/src/${area}`)
const files = asked.flatMap(path => productFiles(join(root, path)))
const file = join(tools, 'stryker.config.json')
writeFileSync(file, JSON.stringify(configuration(files, number('jobs', values.jobs)), null, 2))
const { status, output } = await run(process.execPath, [stryker, 'run', file], { cwd: root })
process.stdout.write(output)
process.exitCode = status === 0 ? 0 : 1
