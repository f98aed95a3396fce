import { afterEach, describe, expect, test } from 'vitest'
import { addMission, createWorld, type World } from './testing/world.ts'

let world: World
afterEach(() => world.cleanup())

describe('the ports in a real repository', () => {
  test('files, head, status and commit of exact paths', async () => {
    world = createWorld()
    const { ports } = world
    expect(ports.git.head(world.root)).toEqual({ branch: 'main', sha: null })
    const dir = addMission(world)
    const first = world.commit()
    expect(ports.git.head(world.root)).toEqual({ branch: 'main', sha: first })
    world.write('other.txt', 'mine')
    world.git('add', 'other.txt')
    await ports.apply([
      { kind: 'write_file', path: `${world.root}/${dir}/plan.md`, content: '# New\n', expect: '# Plan\n' },
      { kind: 'append_events', path: `${world.root}/${dir}/status.events.jsonl`, lines: ['{}'] },
      {
        kind: 'commit',
        checkout: world.root,
        message: 'chore: plan',
        paths: [`${world.root}/${dir}/plan.md`, `${world.root}/${dir}/status.events.jsonl`],
      },
    ])
    expect(await ports.git.status(world.root)).toEqual([{ code: 'A ', path: 'other.txt' }])
    expect(world.git('show', '--name-only', '--format=%s', 'HEAD').split('\n')).toEqual([
      'chore: plan',
      '',
      `${dir}/plan.md`,
      `${dir}/status.events.jsonl`,
    ])
  })

  test('a lock is taken, is exclusive, and is given back', async () => {
    world = createWorld()
    const path = `${world.root}/.git/spec-kitty-locks/x.lock`
    const lock = await world.ports.locks.acquire(path, 0)
    await expect(world.at('.').locks.acquire(path, 0)).rejects.toMatchObject({ code: 'lock_busy' })
    lock.release()
    ;(await world.at('.').locks.acquire(path, 0)).release()
    expect(world.read(path)).toBe('')
  })
})
