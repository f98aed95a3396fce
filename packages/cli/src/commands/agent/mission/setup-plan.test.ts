import { SetupPlan } from '@spec-kitty/contracts/cli/setup-plan'
import { addProject } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { parse } from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

const PLAN = '# P\n\n## Technical Context\n\n- **Language/Version**: Go 1.22\n- **Storage**: files\n'
let world: World
let dir: string

beforeEach(async () => {
  world = createWorld()
  addProject(world)
  world.commit()
  const run = await runCli(world, ['agent', 'mission', 'create', 'demo', '--json'])
  dir = `kitty-specs/${(run.json as { mission_slug: string }).mission_slug}`
})
afterEach(() => world.cleanup())

async function setup(...words: string[]) {
  const run = await runCli(world, ['agent', 'mission', 'setup-plan', '--json', ...words])
  return { status: run.status, ...parse(SetupPlan, run.json) }
}
const phases = () =>
  world
    .read(`${dir}/status.events.jsonl`)
    .trimEnd()
    .split('\n')
    .map(row => JSON.parse(row).event_type)
const subjects = () => world.git('log', '--format=%s').split('\n')

describe('setup-plan', () => {
  it('is blocked by an empty specification and writes nothing', async () => {
    const before = world.git('rev-parse', 'HEAD')
    expect(await setup()).toMatchObject({
      status: 1,
      result: 'blocked',
      error_code: 'SPEC_NOT_SUBSTANTIVE_OR_UNCOMMITTED',
      spec_committed: true,
      spec_substantive: false,
    })
    expect([world.git('rev-parse', 'HEAD'), world.git('status', '--porcelain')]).toEqual([before, ''])
  })

  it('says that a draft is not committed', async () => {
    world.write(`${dir}/spec.md`, 'a draft\n')
    expect(await setup()).toMatchObject({ spec_committed: false, spec_substantive: false })
  })

  it('commits a specification that its author left uncommitted, and scaffolds the plan', async () => {
    world.write(`${dir}/spec.md`, '- **FR-001**: adds two numbers\n')
    const blocked = await setup()
    expect(blocked).toMatchObject({
      status: 1,
      result: 'blocked',
      spec_substantive: true,
      plan_substantive: false,
    })
    expect(blocked.error_code).toBeUndefined()
    expect(subjects()[0]).toMatch(/^Add spec for feature demo-/)
    expect(world.read(`${dir}/plan.md`)).toContain('## Technical Context')
    expect(world.git('status', '--porcelain')).toBe(`?? ${dir}/plan.md`)
    // The template alone stays blocked and changes nothing more.
    const head = world.git('rev-parse', 'HEAD')
    expect((await setup()).blocked_reason).toContain('Language/Version** is missing')
    expect(world.git('rev-parse', 'HEAD')).toBe(head)
  })

  it('commits both in one commit when both are there, and does nothing a second time', async () => {
    world.write(`${dir}/spec.md`, '- **FR-001**: adds two numbers\n')
    world.write(`${dir}/plan.md`, PLAN)
    expect(await setup()).toMatchObject({
      status: 0,
      result: 'success',
      phase_complete: true,
      plan_substantive: true,
    })
    expect(subjects().slice(0, 2)).toEqual([
      expect.stringMatching(/^Add plan for feature/),
      expect.stringMatching(/^Add meta/),
    ])
    expect(world.git('status', '--porcelain')).toBe('')
    expect(world.read(`${dir}/plan.md`)).toBe(PLAN)
    const head = world.git('rev-parse', 'HEAD')
    expect((await setup()).result).toBe('success')
    expect(world.git('rev-parse', 'HEAD')).toBe(head)
    expect(phases()).toEqual([
      'MissionCreated',
      'SpecifyStarted',
      'SpecifyCompleted',
      'PlanStarted',
      'PlanCompleted',
    ])
  })

  it('tells a person which line to mend', async () => {
    world.write(`${dir}/spec.md`, '- **FR-001**: adds two numbers\n')
    world.write(`${dir}/plan.md`, '# P\n')
    const run = await runCli(world, ['plan'])
    expect([run.status, run.stdout]).toEqual([
      1,
      expect.stringContaining('There is no section "## Technical Context".'),
    ])
    world.write(`${dir}/plan.md`, PLAN)
    expect((await runCli(world, ['plan'])).stdout).toMatch(/^The plan of demo-\w+ is complete\.\nNext: Write/)
  })

  it('leaves everything uncommitted when asked', async () => {
    world.write(`${dir}/spec.md`, '- **FR-001**: adds two numbers\n')
    world.write(`${dir}/plan.md`, PLAN)
    await setup('--no-auto-commit')
    expect(subjects()[0]).toMatch(/^Add meta/)
  })
})
