import { Implement, ImplementRecover } from '@spec-kitty/contracts/cli/implement'
import { addMission, appendEvents, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

const PATH = `.worktrees/${MISSION_SLUG}-lane-a`
const BRANCH = `kitty/mission-${MISSION_SLUG}-lane-a`
const CONTEXT = `.kittify/workspaces/${MISSION_SLUG}-lane-a.json`

let world: World
beforeEach(() => {
  world = createWorld()
  addMission(world)
  world.commit('mission')
})
afterEach(() => world.cleanup())

describe('implement', () => {
  it('prints one document that keeps its schema', async () => {
    const answer = await runCli(world, ['implement', 'WP01', '--json'])
    expect(answer.status).toBe(0)
    expect(v.parse(v.strictObject(Implement.entries), answer.json)).toMatchObject({
      workspace: PATH,
      branch: BRANCH,
    })
  })

  it('tells a person where to go', async () => {
    const answer = await runCli(world, ['implement', 'WP01', '--mission', MISSION_SLUG])
    expect(answer.stdout).toBe(`WP01 is in progress in ${PATH} on ${BRANCH}.\n`)
  })

  it('tells a person which code was taken over, and what is missing', async () => {
    await runCli(world, ['implement', 'WP01'])
    for (const [i, step] of [
      ['in_progress', 'for_review'],
      ['for_review', 'in_review'],
      ['in_review', 'approved'],
    ].entries()) {
      const at = `2027-01-01T00:00:0${i}.000000+00:00`
      appendEvents(world, [eventRow('WP01', step[0] ?? '', step[1] ?? '', 0, { at, event_id: `01KZ${i}` })])
    }
    world.write(`${PATH}/a.py`, 'A')
    world.gitAt(PATH, 'add', '-A')
    world.gitAt(PATH, 'commit', '-qm', 'work')
    expect((await runCli(world, ['implement', 'WP02'])).stdout).toContain(
      'Took over the approved code of lane-a.',
    )
    world.git('worktree', 'remove', PATH)
    world.git('branch', '-D', BRANCH)
    const answer = await runCli(world, ['implement', 'WP02', '--recover'])
    expect(answer).toMatchObject({
      status: 1,
      stdout: expect.stringContaining(`Branch '${BRANCH}' of lane-a held work and is gone`),
    })
  })

  it('copies what git ignores, never as dirt or into a commit, and refuses what git would commit', async () => {
    world.write('.kittify/config.yaml', 'worktree:\n  copy: [.env, "conf/**"]\n')
    world.write('conf/tracked.json', '{}\n')
    world.write('.gitignore', '.env\n')
    world.commit('config')
    world.write('.env', 'TOKEN=secret\n')
    world.write('conf/a [1].json', '{}\n')
    const before = [world.git('for-each-ref'), world.git('status', '--porcelain', '--ignored')]
    const refused = await runCli(world, ['implement', 'WP01', '--json'])
    expect(refused).toMatchObject({ status: 1, json: { code: 'invalid_input', path: 'conf/a [1].json' } })
    expect([world.git('for-each-ref'), world.git('status', '--porcelain', '--ignored')]).toEqual(before)
    const { hint } = refused.json as { hint: string }
    await world.ports.env.shell(hint.slice(hint.indexOf('printf')), {
      cwd: world.root,
      limitMs: 5000,
    })
    // Also where the lane itself begins at a commit that does not ignore it yet.
    world.write('.gitignore', '')
    world.commit('ignore nothing')
    world.git('update-index', '--assume-unchanged', '.gitignore')
    world.write('.gitignore', '.env\n.worktrees/\n.kittify/\n')
    expect((await runCli(world, ['implement', 'WP01', '--json'])).json).toMatchObject({ workspace: PATH })
    expect(world.read(`${PATH}/.env`)).toBe('TOKEN=secret\n')
    expect(world.read(`${PATH}/conf/a [1].json`)).toBe('{}\n')
    expect(world.gitAt(PATH, 'status', '--porcelain')).toBe('')
    world.gitAt(PATH, 'add', '-A')
    expect(world.gitAt(PATH, 'diff', '--cached', '--name-only')).toBe('')
  })

  it('names the open dependency in the keys that scripts know', async () => {
    const answer = await runCli(world, ['implement', 'WP02', '--json'])
    expect(answer.status).toBe(1)
    expect(answer.json).toMatchObject({ status: 'error', wp_id: 'WP02', code: 'dependencies_not_satisfied' })
    expect((answer.json as { error: string }).error).toMatch(
      /^dependencies_not_satisfied: WP02 depends on WP01; /,
    )
  })

  it('puts a lost worktree and context back, and says so once', async () => {
    await runCli(world, ['implement', 'WP01'])
    world.git('clean', '-ffdxq', '.worktrees', '.kittify/workspaces')
    const answer = await runCli(world, ['implement', 'WP01', '--recover', '--json'])
    expect(v.parse(v.strictObject(ImplementRecover.entries), answer.json)).toEqual({
      status: 'success',
      wp_id: 'WP01',
      recovered_wps: ['WP01'],
      worktrees_recreated: [PATH],
      contexts_recreated: [`${MISSION_SLUG}-lane-a`],
      transitions_emitted: 0,
      errors: [],
    })
    expect(world.gitAt(PATH, 'symbolic-ref', '--short', 'HEAD')).toBe(BRANCH)
    expect(JSON.parse(world.read(CONTEXT))).toMatchObject({ wp_id: 'WP01', created_by: 'recovery' })
    expect((await runCli(world, ['implement', 'WP01', '--recover'])).stdout).toBe('Nothing to recover.\n')
  })

  it('takes a claimed package on to in progress, in one commit', async () => {
    appendEvents(world, [eventRow('WP01', 'planned', 'claimed', 9)])
    world.commit('claimed')
    const answer = await runCli(world, ['implement', 'WP01', '--recover'])
    expect(answer.stdout).toBe('WP01 is in progress again.\n')
    expect(world.git('status', '--porcelain')).toBe('')
    expect(world.read(`kitty-specs/${MISSION_SLUG}/status.events.jsonl`)).toMatch(
      /"actor": "recovery".*"to_lane": "in_progress"/,
    )
  })

  it('reports a lane branch that it cannot bring back, with the command that does', async () => {
    await runCli(world, ['implement', 'WP01'])
    world.git('worktree', 'remove', '--force', PATH)
    world.git('branch', '-D', BRANCH)
    const answer = await runCli(world, ['implement', 'WP01', '--recover', '--json'])
    expect(answer.status).toBe(1)
    const [error] = (answer.json as { errors: string[] }).errors
    world.git(...(/git (branch .*)$/.exec(error ?? '')?.[1] ?? '').split(' '))
    expect((await runCli(world, ['implement', 'WP01', '--recover'])).stdout).toBe(
      `Made the worktree ${PATH} again.\n`,
    )
  })
})

describe('context', () => {
  it('lists, shows and cleans up the workspaces of this machine', async () => {
    expect((await runCli(world, ['context', 'list'])).stdout).toBe('No workspace contexts.\n')
    await runCli(world, ['implement', 'WP01'])
    const list = await runCli(world, ['context', 'list', '--json'])
    expect(list.json).toMatchObject({
      count: 1,
      workspaces: [{ name: `${MISSION_SLUG}-lane-a`, exists: true, orphaned: false }],
    })
    expect((await runCli(world, ['context', 'list'])).stdout).toContain(BRANCH)
    const info = await runCli({ ports: world.at(PATH) }, ['context', 'info'])
    expect(info.stdout).toContain('Package     WP01 of WP01 in lane-a')
    expect((await runCli(world, ['context', 'info', '-w', 'lane-a', '--json'])).json).toMatchObject({
      wp_id: 'WP01',
    })
    expect((await runCli(world, ['context', 'info', '--json'])).json).toMatchObject({ code: 'invalid_input' })
    expect((await runCli(world, ['context', 'info', '-w', 'x'])).stderr).toContain(
      `There are: ${MISSION_SLUG}-lane-a`,
    )
    expect((await runCli(world, ['context', 'cleanup'])).stdout).toBe('Nothing to clean up.\n')

    world.git('worktree', 'remove', '--force', PATH)
    expect((await runCli(world, ['context', 'list', '--orphaned', '--json'])).json).toMatchObject({
      count: 1,
    })
    expect((await runCli(world, ['context', 'cleanup', '--dry-run'])).stdout).toBe(
      `Would remove ${MISSION_SLUG}-lane-a\n`,
    )
    expect(world.exists(CONTEXT)).toBe(true)
    expect((await runCli(world, ['context', 'cleanup', '--json'])).json).toEqual({
      dry_run: false,
      removed: [`${MISSION_SLUG}-lane-a`],
      count: 1,
    })
    expect(world.exists(CONTEXT)).toBe(false)
  })
})
