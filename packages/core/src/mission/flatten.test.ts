import {
  addCoordinationMission,
  COORDINATION_BRANCH as BRANCH,
  COORDINATION_WORKTREE as COORD,
  flattened,
} from '@spec-kitty/host/testing/coordination'
import { MISSION_ID, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { implement } from '../lanes/implement.ts'
import type { Ports } from '../world/ports.ts'
import { flatten } from './flatten.ts'

const DIR = `kitty-specs/${MISSION_SLUG}`

let world: World
beforeEach(() => {
  world = createWorld()
  addCoordinationMission(world)
})
afterEach(() => world.cleanup())

const run = (ports: Ports = world.ports): ReturnType<typeof flatten> =>
  flatten(ports, { mission: MISSION_ID })

describe('flatten', () => {
  it('unites both logs and takes the live files, in one commit, and leaves the tree clean', async () => {
    const answer = await run()
    expect(answer).toMatchObject({
      flattened: true,
      coordination_branch: BRANCH,
      events_added: 3,
      worktree_removed: true,
      committed: true,
    })
    expect(answer.files_taken).toContain(`${DIR}/lanes.json`)
    const log = world.read(`${DIR}/status.events.jsonl`)
    expect(log).toContain('MissionCreated')
    expect(log).toContain('"to_lane": "claimed"')
    expect(JSON.parse(world.read(`${DIR}/status.json`))).toMatchObject({
      work_packages: { WP01: { lane: 'claimed' } },
    })
    expect(JSON.parse(world.read(`${DIR}/meta.json`))).not.toHaveProperty('coordination_branch')
    expect(world.read(`${DIR}/tasks.md`)).toContain('- [x] T011 ticked')
    expect(world.read(`${DIR}/spec.md`)).toBe('# The spec\n')
    expect(flattened(world)).toMatchObject({
      status: '',
      parents: true,
      worktrees: 1,
      subjects: `Flatten mission ${MISSION_SLUG}\nmission`,
    })
  })

  it('keeps an uncommitted copy that it replaces', async () => {
    const { warnings } = await run()
    const kept = `.kittify/runtime/flatten/${MISSION_SLUG}/tasks/WP01-demo.md`
    expect(world.read(kept)).toContain('stale')
    expect(warnings).toEqual([`Your uncommitted copy was kept: ${world.root}/${kept}`])
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('leaves other work of the user alone', async () => {
    world.write('mine.txt', 'x')
    world.write('staged.txt', 'y')
    world.git('add', 'staged.txt')
    await run()
    expect(world.git('status', '--porcelain')).toBe('A  staged.txt\n?? mine.txt')
  })

  it('lets the mission go on, on a lane that stands on the old branch', async () => {
    await run()
    const answer = await implement(world.ports, { wpId: 'WP01' })
    expect(answer.branch).toBe(`${BRANCH}-lane-a`)
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('gives sparse lane worktrees all their files back, with their edits', async () => {
    const lane = `.worktrees/${MISSION_SLUG}-lane-a`
    world.git('worktree', 'add', '-q', '-b', `${BRANCH}-lane-a`, lane, BRANCH)
    world.gitAt(lane, 'sparse-checkout', 'set', '--no-cone', '/*', `!${DIR}/status.events.jsonl`)
    world.write(`${lane}/.gitignore`, 'edited\n')
    expect(world.exists(`${lane}/${DIR}/status.events.jsonl`)).toBe(false)
    expect((await run()).sparse_lifted).toEqual([lane])
    expect(world.exists(`${lane}/${DIR}/status.events.jsonl`)).toBe(true)
    expect(world.gitAt(lane, 'status', '--porcelain')).toBe('M .gitignore')
    expect((await run()).sparse_lifted).toEqual([])
  })

  it('has nothing to do a second time', async () => {
    await run()
    const before = flattened(world)
    expect(await run()).toMatchObject({ flattened: false, worktree_removed: false })
    expect(flattened(world)).toEqual(before)
  })

  it('reads the branch when the worktree is gone', async () => {
    world.git('worktree', 'remove', '--force', COORD)
    expect(await run()).toMatchObject({ events_added: 3, worktree_removed: false })
  })

  it('keeps a worktree with other uncommitted work', async () => {
    world.write(`${COORD}/code.py`, 'x')
    const answer = await run()
    expect(answer.worktree_removed).toBe(false)
    expect(answer.warnings.at(-1)).toContain('was kept')
    expect(world.exists(`${COORD}/code.py`)).toBe(true)
    world.gitAt(COORD, 'clean', '-qf')
    expect(await run()).toMatchObject({ flattened: false, worktree_removed: true })
  })

  it('does not count code on the branch as merged', async () => {
    world.write(`${COORD}/code.py`, 'x')
    world.gitAt(COORD, 'add', 'code.py')
    world.gitAt(COORD, 'commit', '-qm', 'lane merged')
    const answer = await run()
    expect(answer.warnings[0]).toContain('holds merged code already')
    expect(world.git('log', '-1', '--format=%P').split(' ')).toHaveLength(1)
  })

  it('says so when the branch is gone', async () => {
    world.git('worktree', 'remove', '--force', COORD)
    world.git('branch', '-D', BRANCH)
    expect((await run()).warnings[0]).toBe(
      `Branch '${BRANCH}' is gone: what the checkout has is all there is.`,
    )
  })

  it('refuses a detached HEAD and writes nothing', async () => {
    world.git('checkout', '-q', '--detach')
    const before = world.git('status', '--porcelain')
    await expect(run()).rejects.toMatchObject({ code: 'detached_head' })
    expect(world.git('status', '--porcelain')).toBe(before)
  })

  it('writes without a commit when told to', async () => {
    const head = world.git('rev-parse', 'HEAD')
    expect(await flatten(world.ports, { autoCommit: false })).toMatchObject({ committed: false })
    expect(world.git('rev-parse', 'HEAD')).toBe(head)
    expect(world.read(`${DIR}/meta.json`)).not.toContain('coordination_branch')
  })

  it('ends the same when it was killed after any step and is run again', async () => {
    await run()
    const expected = flattened(world)
    for (let steps = 0; ; steps++) {
      world.cleanup()
      world = createWorld()
      addCoordinationMission(world)
      const killed = await run(dyingAfter(world.ports, steps)).then(
        () => false,
        () => true,
      )
      if (killed) await run()
      expect(flattened(world), `killed after ${steps} changes`).toEqual(expected)
      if (!killed) {
        expect(steps).toBeGreaterThan(8)
        return
      }
    }
  })
})

/** Performs that many changes, one by one so that nothing is taken back, and dies. */
function dyingAfter(ports: Ports, steps: number): Ports {
  let left = steps
  return {
    ...ports,
    apply: async changes => {
      for (const change of changes) {
        if (left === 0) throw new Error('killed')
        left -= 1
        await ports.apply([change])
      }
    },
  }
}
