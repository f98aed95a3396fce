import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'

/** Files that replace a module for themselves, send signals to their process or weigh it: each has one of its own. */
const ALONE = [
  'packages/cli/src/commands/charter/interview.test.ts',
  'packages/cli/src/commands/init-interactive.test.ts',
  'packages/host/src/disk.test.ts',
  'packages/server/src/serve.test.ts',
  'packages/server/src/sync/app.test.ts',
  'packages/server/src/sync/realtime.test.ts',
]

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'rules', include: ['tests/**/*.test.ts'] } },
      { extends: true, test: { name: 'e2e', include: ['e2e/**/*.test.ts'] } },
      { extends: true, test: { name: 'alone', include: ALONE } },
      {
        extends: true,
        test: {
          name: 'unit',
          // They share the modules that one of them has loaded: to load them for each took a third of the time.
          isolate: false,
          include: ['packages/*/src/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...ALONE],
        },
      },
    ],
    // Tests wait for git and other processes: as many workers as cores leave a third of a small machine idle.
    maxWorkers: availableParallelism() + 1,
    // Generous: beside other busy processes a test that runs git a hundred times takes ten times as long.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: { NODE_EXTRA_CA_CERTS: '' },
    // Small workers start programs quickly (tests/lean.ts).
    execArgv: ['--max-semi-space-size=2'],
    setupFiles: ['tests/lean.ts'],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/testing/**', 'packages/cli/src/bin.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 90 },
    },
  },
})
