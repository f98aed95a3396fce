import { AgentStatusLifecycle } from '@spec-kitty/contracts/cli/status-lifecycle'
import { addMission, appendEvents, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

test('agent status lifecycle tells the state and why, and writes nothing', async () => {
  const world = createWorld()
  try {
    addMission(world)
    appendEvents(world, [eventRow('WP01', 'planned', 'claimed', 9)])
    world.commit('all')
    const { status, json } = await runCli(world, ['agent', 'status', 'lifecycle', '--json'])
    expect(status).toBe(0)
    expect(v.is(AgentStatusLifecycle, json)).toBe(true)
    expect(json).toMatchObject({
      mission_slug: MISSION_SLUG,
      state: 'abandoned',
      age_days: 33,
      active_wp_count: 1,
    })
    const { stdout } = await runCli(world, ['agent', 'status', 'lifecycle'])
    expect(stdout).toBe(
      `${MISSION_SLUG}: abandoned. 1 work packages are under way; last activity 33 days ago.\n`,
    )
    expect(world.git('status', '--porcelain')).toBe('')
  } finally {
    world.cleanup()
  }
})
