import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest'
import { contractDriftCaught, DRIFTS } from '../scenarios/contract-drift-caught.ts'
import { createNestedEnv, EnvironmentLimitation } from '../support/nested-env.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'spec-kitty-scenario-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** A machine that cannot run a scenario skips it, with the reason; everything else fails. */
async function orSkip<T>(context: TestContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof EnvironmentLimitation) context.skip(error.message)
    throw error
  }
}

test('contract drift caught', { timeout: 300_000 }, async context => {
  const report = await orSkip(context, () => contractDriftCaught(createNestedEnv(join(dir, 'venv'))))
  expect(report.drifts).toBe(DRIFTS.length)
  expect(report.eventTypes).toEqual(expect.arrayContaining(['MissionCreated', 'WPStatusChanged']))
})
