import { ValidateWorkflow } from '@spec-kitty/contracts/cli/validate-workflow'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

const DIR = `kitty-specs/${MISSION_SLUG}`

let world: World
beforeEach(() => {
  world = createWorld()
  addMission(world)
  world.commit()
})
afterEach(() => world.cleanup())

const PATH = `${DIR}/tasks/WP01-demo.md`
const run = (...words: string[]) => runCli(world, ['agent', 'tasks', 'validate-workflow', ...words])
const check = async (text: string) => {
  world.write(PATH, text)
  const { status, json } = await run('WP01', '--json')
  return { status, ...v.parse(ValidateWorkflow, json) }
}
const LOG = '\n## Activity Log\n'

describe('validate-workflow', () => {
  it('finds nothing in a good file', async () => {
    expect((await run('WP01', '--json')).json).toEqual({
      valid: true,
      errors: [],
      warnings: [],
      task_id: 'WP01',
      lane: 'planned',
    })
    expect((await run('WP01')).stdout).toBe('WP01 (planned): valid\n')
  })

  it('calls missing id and title errors', async () => {
    expect(await check(`---\nagent: x\n---${LOG}`)).toMatchObject({
      status: 1,
      valid: false,
      errors: ['work_package_id: is missing', 'title: is missing'],
    })
    expect(await check(`---\nwork_package_id: W1\ntitle: ""\n---${LOG}`)).toMatchObject({
      errors: ['work_package_id: is not WP and two or more digits', 'title: is empty'],
    })
    expect(await check(`---\nwork_package_id: WP01\nwork_package_title: old\n---${LOG}`)).toMatchObject({
      status: 0,
      valid: true,
      warnings: [],
    })
  })

  it('warns about the rest', async () => {
    const result = await check(
      '---\nwork_package_id: WP07\ntitle: x\nexecution_mode: magic\ndependencies: 3\nbase_commit: zz\n---\n',
    )
    expect(result).toMatchObject({ status: 0, valid: true })
    expect(result.warnings).toEqual([
      'dependencies: is no list of work package ids',
      'execution_mode: is neither code_change nor planning_artifact',
      'base_commit: is no commit id',
      'work_package_id is WP07, but the file is called WP01-demo.md',
      'There is no "## Activity Log"',
    ])
    expect((await run('WP01')).stdout).toContain('  warning: execution_mode')
  })

  it('answers for a file that cannot be read, and refuses one that is not there', async () => {
    expect((await check('no front matter')).errors[0]).toContain('WP01-demo.md:1:')
    expect((await run('WP01')).stdout).toContain('WP01 (planned): not valid\n  error: ')
    expect(await run('WP09', '--json')).toMatchObject({ status: 1, json: { code: 'wp_not_found' } })
  })
})
