import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventEnvelope, findForbidden } from '@spec-kitty/contracts/wire/envelope'
import { judgeEvent } from '@spec-kitty/contracts/wire/event'
import { PAYLOADS, payloadSchema } from '@spec-kitty/contracts/wire/payloads'
import * as v from 'valibot'
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest'
import { contractDriftCaught, DRIFTS, EVENTS_PACKAGE } from '../scenarios/contract-drift-caught.ts'
import {
  createNestedEnv,
  EnvironmentLimitation,
  installPackages,
  type NestedEnv,
} from '../support/nested-env.ts'

let dir: string
let nested: NestedEnv | undefined
let limitation = ''

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'spec-kitty-scenario-'))
  try {
    const made = createNestedEnv(join(dir, 'venv'))
    installPackages(made, [EVENTS_PACKAGE])
    nested = made
  } catch (error) {
    if (!(error instanceof EnvironmentLimitation)) throw error
    limitation = error.message
  }
}, 300_000)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** A machine that cannot run a scenario skips it, with the reason, before anything of the product is judged. */
function nestedOrSkip(context: TestContext): NestedEnv {
  if (nested === undefined) context.skip(limitation)
  return nested
}

test('contract drift caught', { timeout: 300_000 }, async context => {
  const report = await contractDriftCaught(nestedOrSkip(context))
  expect(report.drifts).toBe(DRIFTS.length)
  // What a whole mission sends; each passed the package's models and schemas.
  expect(report.eventTypes.toSorted()).toEqual(
    expect.arrayContaining([
      'BuildRegistered',
      'MissionClosed',
      'MissionCreated',
      'MissionDossierArtifactIndexed',
      'MissionDossierSnapshotComputed',
      'WPCreated',
      'WPStatusChanged',
    ]),
  )
})

interface Fixture {
  readonly id: string
  readonly type: string
  readonly valid: boolean
  readonly value: unknown
}

test('our schemas judge the fixtures of the published package as the package does', context => {
  const { python } = nestedOrSkip(context)
  const script = join(import.meta.dirname, '../support/list_fixtures.py')
  const { stdout } = spawnSync(python, [script], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  const verdicts = (JSON.parse(stdout) as readonly Fixture[]).flatMap(fixture => {
    const ours = judgeFixture(fixture)
    return ours === undefined ? [] : [{ ...fixture, ours }]
  })
  expect(verdicts.length).toBeGreaterThan(80)
  expect(verdicts.filter(each => each.ours !== each.valid).map(each => each.id)).toEqual([])
})

/** Undefined for what we do not model: reducers, and events that no client sends. */
function judgeFixture({ type, value }: Fixture): boolean | undefined {
  if (typeof value === 'object' && value !== null && 'class' in value) {
    const { input } = value as { readonly input?: unknown }
    return type in PAYLOADS ? judgeEvent(input).ok : undefined
  }
  if (type === 'Event') return findForbidden(value) === undefined && v.is(EventEnvelope, value)
  const schema = type in PAYLOADS ? payloadSchema(type) : undefined
  return schema === undefined ? undefined : v.is(schema, value)
}
