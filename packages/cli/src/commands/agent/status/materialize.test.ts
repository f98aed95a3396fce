import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AgentStatusMaterialize } from '@spec-kitty/contracts/cli/status-materialize'
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
    writeFileSync(file, Buffer.from([0xe9, 0xff]))
    expect((await runCli(world, ['agent', 'status', 'doctor'])).stdout).toContain(
      'status.json is not a JSON object',
    )
    await materialize()
    expect(world.read(`${DIR}/status.json`)).toBe(bytes)
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

  test('settles status.json where git left it in conflict, in the middle of the merge', async () => {
    world.write('.gitattributes', 'kitty-specs/**/status.events.jsonl merge=union\n')
    await materialize()
    world.commit('mission')
    for (const [branch, wp, n] of [
      ['other', 'WP01', 10],
      ['main', 'WP02', 20],
    ] as const) {
      if (branch === 'other') world.git('switch', '-qc', branch)
      else world.git('switch', '-q', branch)
      appendEvents(world, [eventRow(wp, 'planned', 'claimed', n)])
      await materialize()
      world.commit(`claim ${wp}`)
    }
    expect(() => world.git('merge', '-q', 'other')).toThrow()
    expect(world.git('diff', '--name-only', '--diff-filter=U')).toBe(`${DIR}/status.json`)
    expect((await materialize()).stdout).toBe(`${MISSION_SLUG}: 4 events; claimed 2\n`)
    world.git('add', DIR)
    world.git('commit', '-q', '--no-edit')
    const { stdout } = await runCli(world, ['agent', 'status', 'doctor', '--json'])
    expect(stdout).not.toMatch(/drift|log_corrupt/)
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
