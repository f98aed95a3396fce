import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts', 'e2e/**/*.test.ts'],
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
