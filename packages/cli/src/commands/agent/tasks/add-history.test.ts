import { AddHistory } from '@spec-kitty/contracts/cli/add-history'
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

const run = (...words: string[]) => runCli(world, ['agent', 'tasks', 'add-history', ...words, '--json'])

describe('add-history', () => {
  it('adds one line and commits the file', async () => {
    const { json, status } = await run(
      'WP01',
      '--note',
      'line one\nline two',
      '--agent',
      'claude',
      '--shell-pid',
      '7',
    )
    expect(status).toBe(0)
    expect(v.parse(AddHistory, json)).toEqual({
      result: 'success',
      task_id: 'WP01',
      note: 'line one\nline two',
    })
    expect(world.read(`${DIR}/tasks/WP01-demo.md`)).toMatch(
      /Prompt created\.\n- \S+Z – claude – shell_pid=7 – line one line two\n$/,
    )
    expect(world.git('status', '--porcelain')).toBe('')
    expect(world.git('log', '-1', '--format=%s')).toBe(`chore: Add history to WP01 on spec ${MISSION_SLUG}`)
  })

  it('puts the line before what follows the activity log', async () => {
    const path = `${DIR}/tasks/WP01-demo.md`
    world.write(path, `${world.read(path)}\n## Notes\n\nx\n`)
    await run('wp1', '--note', 'y', '--no-auto-commit')
    expect(world.read(path)).toMatch(/created\.\n- \S+Z – user – y\n\n## Notes\n\nx\n$/)
    world.write(path, '---\ntitle: x\n---\n\n## Activity Log')
    await run('WP01', '--note', 'z', '--no-auto-commit')
    expect(world.read(path)).toMatch(/\n## Activity Log\n\n- \S+Z – user – z\n$/)
  })

  it('refuses an empty note and an unknown work package', async () => {
    expect(await run('WP01', '--note', ' ')).toMatchObject({ status: 1, json: { code: 'invalid_input' } })
    expect(await run('WP09', '--note', 'x')).toMatchObject({ status: 1, json: { code: 'wp_not_found' } })
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('says so', async () => {
    const { stdout } = await runCli(world, ['agent', 'tasks', 'add-history', 'WP01', '--note', 'x'])
    expect(stdout).toBe('Added to the activity log of WP01.\n')
  })
})
