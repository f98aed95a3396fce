/** The tests that mutants of the models meet: those beside them and of the flows that read most of them. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['packages/core/src/{repo,write,text,tasks,status}/**/*.test.ts'], testTimeout: 60_000 },
})
