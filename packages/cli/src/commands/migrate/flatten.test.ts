import { MigrateFlatten } from '@spec-kitty/contracts/cli/migrate-flatten'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCli } from '../../testing/run-cli.ts'

const BRANCH = `kitty/mission-${MISSION_SLUG}`

let world: World
beforeEach(() => {
  world = createWorld()
  addMission(world, { meta: { coordination_branch: BRANCH } })
  world.commit('mission')
  world.git('worktree', 'add', '-q', '-b', BRANCH, `.worktrees/${MISSION_SLUG}-coord`)
})
afterEach(() => world.cleanup())

it('is the remedy that a refused command names, and afterwards the command works', async () => {
  const refused = await runCli(world, ['implement', 'WP01', '--json'])
  expect(refused).toMatchObject({ status: 1, json: { code: 'coordination_mission' } })
  const hint = (refused.json as { hint: string }).hint.split(' ')
  const answer = await runCli(world, [...hint.slice(1), '--json'])
  expect(answer.status).toBe(0)
  expect(v.parse(v.strictObject(MigrateFlatten.entries), answer.json)).toMatchObject({
    flattened: true,
    worktree_removed: true,
  })
  expect(await runCli(world, ['implement', 'WP01'])).toMatchObject({ status: 0 })
})

it('tells a person what happened, and that a second run has nothing to do', async () => {
  const answer = await runCli(world, ['migrate', 'flatten'])
  expect(answer.stdout).toContain(`${MISSION_SLUG} is flat now. 0 events and 0 files came from ${BRANCH}.`)
  expect(answer.stdout).toContain('The coordination worktree was removed.')
  expect((await runCli(world, ['migrate', 'flatten'])).stdout).toBe(`${MISSION_SLUG} is flat.\n`)
})

it('says what it left alone', async () => {
  world.write(`.worktrees/${MISSION_SLUG}-coord/mine.txt`, 'x')
  const answer = await runCli(world, ['migrate', 'flatten'])
  expect(answer.stdout).toContain('has uncommitted changes outside kitty-specs/ and was kept.')
})
