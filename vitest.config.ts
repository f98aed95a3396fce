import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'

/** Files that replace a module for themselves, or weigh the process they run in: each has a process of its own. */
const ALONE = [
  'packages/cli/src/commands/charter/interview.test.ts',
  'packages/cli/src/commands/init-interactive.test.ts',
  'packages/host/src/disk.test.ts',
  'packages/server/src/sync/app.test.ts',
  'packages/server/src/sync/realtime.test.ts',
]
const EVERY = ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts', 'e2e/**/*.test.ts']

export default defineConfig({
  test: {
    // All others share the modules that one of them has loaded: a third of the time went into loading them again.
    projects: [
      { extends: true, test: { name: 'alone', include: ALONE } },
      {
        extends: true,
        test: {
          name: 'shared',
          isolate: false,
          include: EVERY,
          exclude: [...configDefaults.exclude, ...ALONE],
        },
      },
    ],
    // Tests wait for git and other processes: a worker less than cores leaves half of a small machine idle.
    maxWorkers: Math.max(availableParallelism(), 2),
    // Generous: beside other busy processes a test that runs git a hundred times takes ten times as long.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: { NODE_EXTRA_CA_CERTS: '' },
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/testing/**', 'packages/cli/src/bin.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 90 },
    },
  },
})
