/**
 * `npm run interop`, `compare`, `walk`, `orchestrator` [-- -t WORDS]: a suite of which `npm test` runs a part, whole.
 * interop: missions that go from edition to edition, all 36 ways. compare: every JSON document of both editions, key by
 * key. walk: every command that is printed, in every state of a mission. orchestrator: the published orchestrator's own
 * tests. -t: only the tests whose names have these words. interop --random N [--seed S]: instead of the 36 ways, N missions
 * in which every step is by an edition that a seed picks.
 */
import { spawnSync } from 'node:child_process'
import { number, readOptions } from './options.mjs'
import { root } from './workspace.mjs'

const SUITES = {
  interop: ['SK_CHAINS', 'e2e/tests/editions.test.ts', '--disable-console-intercept'],
  compare: ['SK_COMPARE', 'e2e/tests/json-keys.test.ts', '--disable-console-intercept'],
  walk: ['SK_WALK', 'packages/cli/src/commands/words.test.ts', '--testTimeout', '1800000'],
  orchestrator: ['SK_ORCH_SUITE', 'e2e/tests/orchestrator-suite.test.ts'],
}

const { values, positionals } = readOptions(
  import.meta.url,
  { tests: { type: 'string', short: 't' }, random: { type: 'string' }, seed: { type: 'string' } },
  true,
)
const { tests, random, seed = '1' } = values
const RANDOM = ['SK_WALKS', 'e2e/tests/editions-random.test.ts', '--disable-console-intercept']
const [name = '', ...more] = positionals
const suite = random === undefined ? SUITES[name] : name === 'interop' ? RANDOM : undefined
if (suite === undefined || more.length > 0) {
  process.stderr.write(`No such suite: ${positionals.join(' ')}. Suites: ${Object.keys(SUITES).join(' ')}\n`)
  process.exitCode = 2
} else {
  const [variable, ...words] = suite
  const only = tests === undefined ? [] : ['-t', tests]
  const { status } = spawnSync('npx', ['vitest', 'run', ...words, ...only], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      [variable]: random === undefined ? 'all' : String(number('random', random)),
      SK_SEED: String(number('seed', seed)),
    },
  })
  process.exitCode = status ?? 1
}
