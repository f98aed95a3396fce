/** `commits: phase` and a landing by pull request: a quiet history, and nothing that is left lying about. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commitIn, lanePathOf } from '@spec-kitty/host/testing/lanes'
import { expect, test } from 'vitest'
import { BRANCH, SLUG, useLandings } from '../testing/landing-world.ts'

const landings = useLandings()
const { world, ok, sk, land, fetch, board } = landings
const MISSION = ['--mission', SLUG]
const status = () => world.git('status', '--porcelain')

test('what waits on disk rides with the landing and with its end', async () => {
  world.write('.kittify/config.yaml', `${world.read('.kittify/config.yaml')}commits: phase\n`)
  const start = world.commit('quiet')
  await land()
  expect(status()).toBe('')
  for (const text of ['B2\n', 'B3\n']) {
    writeFileSync(join(world.dir, 'review.md'), `src/wp02/b.txt:1: not ${text}`)
    await ok('review', 'import', '../review.md', ...MISSION)
    await ok('agent', 'action', 'implement', 'WP02', '--agent', 'claude', ...MISSION)
    commitIn(world, lanePathOf('lane-b'), { 'src/b/b.txt': text }, 'rework')
    await ok('agent', 'tasks', 'mark-status', 'T021', 'T022', '--status', 'done', ...MISSION)
    await ok('submit', 'WP02', ...MISSION)
    await ok('agent', 'action', 'review', 'WP02', '--agent', 'codex', ...MISSION)
    await ok('approve', 'WP02', '--agent', 'codex', ...MISSION)
    expect(status()).not.toBe('')
    await land()
    expect(status()).toBe('')
    expect(world.git('ls-tree', '-r', '--name-only', `refs/remotes/origin/${BRANCH}`)).toContain(
      'review-cycle-1.md',
    )
  }
  landings.forge.press('squash', BRANCH)
  fetch()
  await ok('merge', '--landed', ...MISSION)
  expect(status()).toBe('')
  expect(await board()).toMatchObject({ by_lane: { done: 2 } })
  // One for each push, one for the end; a commit of the target for the whole mission.
  expect(world.git('log', '--format=%s', `${start}..HEAD`).split('\n')).toHaveLength(4)
  expect(Number(world.git('rev-list', '--count', '--first-parent', 'main..origin/main'))).toBe(1)
})

test('a landing that is taken back leaves nothing behind either', async () => {
  world.write('.kittify/config.yaml', `${world.read('.kittify/config.yaml')}commits: phase\n`)
  world.commit('quiet')
  await ok('agent', 'tasks', 'add-history', 'WP01', '--note', 'seen', ...MISSION)
  expect(status()).not.toBe('')
  await land()
  await ok('agent', 'tasks', 'add-history', 'WP01', '--note', 'seen again', ...MISSION)
  expect((await sk(['merge', '--abort', ...MISSION])).status).toBe(0)
  expect(status()).toBe('')
})
