import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { AgentStatusMaterialize } from '@spec-kitty/contracts/cli/status-materialize'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
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
const materialize = (...more: string[]) => runCli(world, ['agent', 'status', 'materialize', ...more])

describe('agent status materialize', () => {
  test('prints the snapshot, writes it once, and again when it is gone', async () => {
    const { status, json } = await materialize('--json')
    expect(status).toBe(0)
    expect(v.is(AgentStatusMaterialize, json)).toBe(true)
    const file = join(world.root, DIR, 'status.json')
    const bytes = world.read(`${DIR}/status.json`)
    expect(JSON.parse(bytes)).toEqual(json)
    const { mtimeNs } = statSync(file, { bigint: true })
    await materialize('--json')
    expect(statSync(file, { bigint: true }).mtimeNs).toBe(mtimeNs)
    rmSync(file)
    expect((await materialize()).stdout).toBe(`${MISSION_SLUG}: 2 events; planned 2\n`)
    expect(world.read(`${DIR}/status.json`)).toBe(bytes)
  })

  test('says where no log was found, and reads an empty one', async () => {
    world.write(`${DIR}/status.events.jsonl`, '')
    expect((await materialize()).stdout).toBe(`${MISSION_SLUG}: 0 events; no work packages\n`)
    rmSync(join(world.root, DIR, 'status.events.jsonl'))
    const { status, json } = await materialize('--json')
    expect([status, json]).toEqual([1, expect.objectContaining({ code: 'log_missing' })])
  })

  test('shows a coordination mission and writes nothing', async () => {
    const other = addMission(world, { slug: 'coord', meta: { coordination_branch: 'kitty/mission-coord' } })
    world.commit('all')
    expect((await materialize('--mission', 'coord', '--json')).json).toMatchObject({
      summary: { planned: 2 },
    })
    expect(world.exists(`${other}/status.json`)).toBe(false)
  })
})
