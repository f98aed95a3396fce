import { appendFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AgentStatusValidate } from '@spec-kitty/contracts/cli/status-validate'
import { addMission, appendEvents, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

const DIR = `kitty-specs/${MISSION_SLUG}`
let world: World
beforeEach(() => {
  world = createWorld()
  addMission(world)
})
afterEach(() => world.cleanup())
const validate = (...more: string[]) => runCli(world, ['agent', 'status', 'validate', ...more])

describe('agent status validate', () => {
  test('fails without a snapshot, passes after the remedy, and writes nothing', async () => {
    world.commit('all')
    const before = await validate('--json')
    expect(before.status).toBe(1)
    expect(before.json).toMatchObject({
      passed: false,
      error_count: 1,
      errors: [expect.stringContaining('missing')],
    })
    expect(v.is(AgentStatusValidate, before.json)).toBe(true)
    expect(world.git('status', '--porcelain')).toBe('')
    await runCli(world, ['agent', 'status', 'materialize'])
    expect(await validate('--json')).toMatchObject({ status: 0, json: { passed: true, warnings: [] } })
  })

  test('lists findings to a person', async () => {
    appendEvents(world, [eventRow('WP01', 'planned', 'done', 9), eventRow('WP07', 'genesis', 'planned', 10)])
    const { status, stdout } = await validate()
    expect(status).toBe(1)
    expect(stdout).toContain(`${MISSION_SLUG}: 3 errors`)
    expect(stdout).toContain('error Event 01KQW4DG000000000000000009: illegal transition planned -> done')
    expect(stdout).toContain('warning WP07 has events, but no work package file')
  })

  test('a log that cannot be read is one error with its line', async () => {
    appendFileSync(join(world.root, DIR, 'status.events.jsonl'), '{"torn')
    expect((await validate('--json')).json).toMatchObject({
      error_count: 1,
      errors: [expect.stringContaining('line 3')],
    })
  })

  test('no events is no fault; a warning says so', async () => {
    rmSync(join(world.root, DIR, 'status.events.jsonl'))
    const { status, stdout } = await validate()
    expect([status, stdout]).toEqual([0, expect.stringContaining('There is no event log yet')])
  })
})
