import { BranchContext } from '@spec-kitty/contracts/cli/branch-context'
import { CheckPrerequisites, MissionPathList } from '@spec-kitty/contracts/cli/check-prerequisites'
import { RecordAnalysis } from '@spec-kitty/contracts/cli/record-analysis'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { parse } from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

let world: World
const dir = `kitty-specs/${MISSION_SLUG}`
beforeEach(() => {
  world = createWorld({ branch: 'work' })
  addMission(world)
  world.commit()
})
afterEach(() => world.cleanup())
const agent = (...words: string[]) => runCli(world, ['agent', 'mission', ...words])

describe('branch-context', () => {
  it('advises a branch of its own on the primary branch', async () => {
    const run = await agent('branch-context', '--json')
    expect(parse(BranchContext, run.json)).toMatchObject({
      current_branch: 'work',
      target_branch: 'work',
      target_branch_source: 'current_branch',
      current_is_primary: true,
      recommended_strategy: 'feature-branch',
      branch_context: { matches_target: true },
    })
  })

  it('takes another target, and knows main as the primary branch', async () => {
    world.git('branch', 'main')
    const run = await agent('branch-context', '--json', '--target-branch', 'main')
    expect(run.json).toMatchObject({
      target_branch: 'main',
      target_branch_source: 'option',
      branch_matches_target: false,
      primary_branch: 'main',
      recommended_strategy: 'stay',
    })
    expect((await agent('branch-context')).stdout).toContain("'work' is a branch of its own")
  })
})

describe('check-prerequisites', () => {
  it('lists what is there', async () => {
    const run = await agent('check-prerequisites', '--json', '--include-tasks')
    expect(run.status).toBe(0)
    expect(parse(CheckPrerequisites, run.json)).toMatchObject({
      valid: true,
      errors: [],
      paths: { feature_dir: `${world.root}/${dir}`, spec_file: `${world.root}/${dir}/spec.md` },
      AVAILABLE_DOCS: ['spec.md', 'plan.md', 'tasks.md'],
    })
  })

  it('names what is missing and exits with 1', async () => {
    world.git('rm', '-q', `${dir}/spec.md`, `${dir}/tasks.md`)
    const run = await agent('check-prerequisites', '--json', '--include-tasks')
    expect([run.status, run.json]).toEqual([
      1,
      expect.objectContaining({
        valid: false,
        errors: ['Missing required file: spec.md', 'Missing required file: tasks.md'],
      }),
    ])
    const text = await agent('check-prerequisites')
    expect(text.stdout).toContain('plan.md\nMissing required file: spec.md')
  })

  it('gives paths to scripts', async () => {
    world.git('rm', '-q', `${dir}/plan.md`)
    const run = await agent('check-prerequisites', '--json', '--paths-only')
    expect(parse(MissionPathList, run.json)).toMatchObject({
      FEATURE_DIR: `${world.root}/${dir}`,
      SPEC_FILE: `${world.root}/${dir}/spec.md`,
      PLAN_FILE: '',
      SPECS_DIR: `${world.root}/kitty-specs`,
      spec_file: `${world.root}/${dir}/spec.md`,
    })
  })

  it('names the missions when it does not know one', async () => {
    const run = await agent('check-prerequisites', '--json', '--mission', 'nope')
    expect([run.status, run.json]).toEqual([
      2,
      expect.objectContaining({ available_missions: [MISSION_SLUG] }),
    ])
  })
})

describe('record-analysis', () => {
  const REPORT = '# Analysis\n\n**Verdict**: ready\n\n- Critical issues: 0\n- High: 2\n'

  it('files the report with the state of its inputs, and commits it', async () => {
    world.write('../report.md', REPORT)
    const run = await agent('record-analysis', '--input-file', '../report.md', '--agent', 'claude', '--json')
    expect(parse(RecordAnalysis, run.json)).toMatchObject({
      verdict: 'ready',
      issue_counts: { critical: 0, high: 2, medium: null },
      commit_created: true,
      input_artifacts: { 'spec.md': { path: `${dir}/spec.md` }, charter: { path: null, sha256: null } },
    })
    const text = world.read(`${dir}/analysis-report.md`)
    expect(text).toMatch(/^---\nschema_version: 1\nartifact_type: spec-kitty\.analysis-report\n/)
    expect(text).toContain(`\n---\n\n${REPORT}`)
    expect(text).not.toContain(world.root)
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('does not count a ticked subtask as a change of tasks.md', async () => {
    world.write('../report.md', REPORT)
    const hash = async () => {
      const run = await agent('record-analysis', '--input-file', '../report.md', '--json')
      return parse(RecordAnalysis, run.json).input_artifacts['tasks.md'].sha256
    }
    const before = await hash()
    world.write(`${dir}/tasks.md`, world.read(`${dir}/tasks.md`).replace('[ ]', '[x]'))
    expect(await hash()).toBe(before)
    world.write(`${dir}/tasks.md`, `${world.read(`${dir}/tasks.md`)}\nmore\n`)
    expect(await hash()).not.toBe(before)
  })

  it('refuses a report that is not there or says nothing', async () => {
    world.write('../empty.md', ' \n')
    for (const [name, word] of [
      ['../gone.md', 'not there'],
      ['../empty.md', 'empty'],
    ] as const) {
      const run = await agent('record-analysis', '--input-file', name, '--json')
      expect([run.status, run.json]).toEqual([
        1,
        expect.objectContaining({ error: expect.stringContaining(word) }),
      ])
    }
    world.write('../report.md', 'No verdict.\n')
    expect((await agent('record-analysis', '--input-file', '../report.md')).stdout).toContain(
      '(verdict: unknown)',
    )
  })
})
