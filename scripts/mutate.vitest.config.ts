/** The tests that mutants of the models meet: those beside them and of the flows that read most of them. */
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const root = join(import.meta.dirname, '..')

export default defineConfig({
  // The copy that is mutated, not the packages that the workspace links.
  resolve: {
    alias: [{ find: /^@spec-kitty\/(\w+)\/(.*)$/, replacement: `${root}/packages/$1/src/$2.ts` }],
  },
  test: {
    include: [
      'packages/core/src/{repo,write,text,tasks,status}/**/*.test.ts',
      'packages/cli/src/commands/safe-commit.test.ts',
    ],
    testTimeout: 60_000,
  },
})
