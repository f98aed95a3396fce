import { ContextResolve, Where } from '@spec-kitty/contracts/cli/context-resolve'
import { addMission, advance, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { parse } from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

let world: World
beforeEach(() => {
  world = createWorld({ branch: 'work' })
  addMission(world)
  world.write('.gitignore', '.worktrees/\n')
  world.commit()
})
afterEach(() => world.cleanup())

const resolve = async (action: string, ...words: string[]) => {
  const run = await runCli(world, ['agent', 'context', 'resolve', '--action', action, '--json', ...words])
  expect(run.status, run.stdout).toBe(0)
  return parse(ContextResolve, run.json)
}
const refused = async (action: string, ...words: string[]) => {
  const run = await runCli(world, ['agent', 'context', 'resolve', '--action', action, '--json', ...words])
  expect(run.status).toBeGreaterThan(0)
  return run.json
}

describe('agent context resolve', () => {
  it('knows the mission of a planning action', async () => {
    expect(await resolve('tasks', '--mission', MISSION_SLUG)).toMatchObject({
      mission_slug: MISSION_SLUG,
      feature_dir: `${world.root}/kitty-specs/${MISSION_SLUG}`,
      target_branch: 'work',
      detection_method: 'explicit',
      wp_id: null,
      commands: { check_prerequisites: expect.any(String), finalize_tasks: expect.any(String) },
    })
    expect((await resolve('status')).detection_method).toBe('inferred')
  })

  it('takes the first work package that is ready', async () => {
    expect(await resolve('implement', '--agent', 'claude')).toMatchObject({
      wp_id: 'WP01',
      lane: 'planned',
      lane_id: 'lane-a',
      branch_name: `kitty/mission-${MISSION_SLUG}-lane-a`,
      resolution_kind: 'lane_workspace',
      execution_mode: 'code_change',
      workspace_path: `${world.root}/.worktrees/${MISSION_SLUG}-lane-a`,
      commands: {
        workflow: `spec-kitty agent action implement WP01 --agent claude --mission ${MISSION_SLUG}`,
      },
    })
    advance(world, 'WP01', 'for_review', 10)
    expect(await resolve('review')).toMatchObject({ wp_id: 'WP01', lane: 'for_review' })
    // WP02 waits for WP01: there is nothing to begin.
    expect(await refused('implement')).toMatchObject({ code: 'not_ready' })
    expect(await resolve('implement', '--wp-id', 'WP02')).toMatchObject({
      wp_id: 'WP02',
      dependencies: ['WP01'],
    })
  })

  it('knows planning work, and work without lanes', async () => {
    const lanes = `kitty-specs/${MISSION_SLUG}/lanes.json`
    world.write(lanes, world.read(lanes).replace('lane-a', 'lane-planning'))
    expect(await resolve('implement')).toMatchObject({
      lane_id: 'lane-planning',
      resolution_kind: 'repository_root',
      branch_name: 'work',
      workspace_path: world.root,
    })
    world.git('rm', '-qf', lanes)
    expect(await resolve('implement')).toMatchObject({ lane_id: null, workspace_path: null })
  })

  it('refuses what it does not know', async () => {
    expect(await refused('bogus')).toMatchObject({ error_code: 'INVALID_ACTION' })
    expect(await refused('tasks', '--mission', 'nope')).toMatchObject({ error: 'mission_not_found' })
    expect(await refused('implement', '--wp-id', 'WP09')).toMatchObject({ code: 'wp_not_found' })
  })

  it('has a text form', async () => {
    const run = await runCli(world, ['agent', 'context', 'resolve', '--action', 'implement'])
    expect(run.stdout).toMatch(/^implement WP01 \(planned\) of demo-feature-01KQW4DF\n/)
    expect((await runCli(world, ['agent', 'context', 'resolve', '--action', 'plan'])).stdout).toMatch(
      /^plan of demo/,
    )
  })
})

describe('where', () => {
  const where = async (...words: string[]) =>
    parse(Where, (await runCli(world, ['where', '--json', ...words])).json)

  it('in the checkout', async () => {
    expect(await where()).toMatchObject({
      checkout: world.root,
      branch: 'work',
      in_lane: false,
      mission_slug: MISSION_SLUG,
      lane_id: null,
      work_packages: [{ wp_id: 'WP01', lane: 'planned' }, { wp_id: 'WP02' }],
      next_step: `spec-kitty agent action implement WP01 --agent NAME --mission ${MISSION_SLUG}`,
    })
    advance(world, 'WP01', 'in_progress', 10)
    expect((await where()).next_step).toMatch(/^being worked on: WP01\. The board: /)
    advance(world, 'WP02', 'done', 30)
    advance(world, 'WP01', 'done', 40)
    expect((await where()).next_step).toBe(
      `accept: spec-kitty next --agent NAME --result success --mission ${MISSION_SLUG}`,
    )
  })

  it('names the step that planning itself names, until the tasks are finalized', async () => {
    const agree = async (words: readonly string[]) => {
      const { json } = await runCli(world, [...words, '--json'])
      const { next_step: step } = json as { next_step: string }
      expect((await where('--mission', 'pay')).next_step).toBe(step)
      return step
    }
    expect(await agree(['specify', 'Pay'])).toMatch(/^Write .*spec\.md /)
    const [slug = ''] = world.ports.files.list(`${world.root}/kitty-specs`).filter(name => /^pay-/.test(name))
    world.write(`kitty-specs/${slug}/spec.md`, '# Pay\n\n- **FR-001**: a card is charged once\n')
    const setUp = `spec-kitty agent mission setup-plan --mission ${slug}`
    expect((await where('--mission', 'pay')).next_step).toBe(setUp)
    expect(await agree(['plan', '--mission', 'pay'])).toMatch(/^Fill in .*plan\.md/)
    const plan = '## Technical Context\n\n**Language/Version**: Go 1.22\n**Testing**: go test\n'
    world.write(`kitty-specs/${slug}/plan.md`, plan)
    expect(await agree(['plan', '--mission', 'pay'])).toMatch(/^Write .*tasks\.md/)
    world.write(`kitty-specs/${slug}/tasks/WP01-x.md`, '---\nwork_package_id: WP01\n---\n\n# WP01\n')
    expect((await where('--mission', 'pay')).next_step).toMatch(/^spec-kitty agent mission finalize-tasks /)
  })

  it('in the worktree of a lane', async () => {
    const lane = `.worktrees/${MISSION_SLUG}-lane-b`
    world.git('worktree', 'add', '-q', '-b', `kitty/mission-${MISSION_SLUG}-lane-b`, lane)
    const run = await runCli({ ports: world.at(lane) }, ['where', '--json'])
    expect(parse(Where, run.json)).toMatchObject({
      in_lane: true,
      lane_id: 'lane-b',
      work_packages: [{ wp_id: 'WP02' }],
    })
    const text = await runCli({ ports: world.at(lane) }, ['where'])
    expect(text.stdout).toContain(`Mission ${MISSION_SLUG}, lane-b\n  WP02 Title WP02: planned\nNext: `)
  })

  it('where several missions are open, or the only one is over', async () => {
    addMission(world, { slug: 'other-01KQW4DG', meta: { merged_at: '2026-01-01T00:00:00Z' } })
    expect((await where('--mission', 'other-01KQW4DG')).next_step).toBe('Nothing is left to do.')
    addMission(world, { slug: 'third-01KQW4DH' })
    expect(await where()).toMatchObject({
      mission_slug: null,
      next_step: expect.stringContaining('--mission'),
    })
    expect((await runCli(world, ['where', '--mission', 'nope'])).status).toBe(2)
  })
})
