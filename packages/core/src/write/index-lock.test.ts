import { createWorld } from '@spec-kitty/host/testing/world'
import { expect, test } from 'vitest'
import type { Change } from '../world/change.ts'
import { awaitIndex } from './index-lock.ts'

test('a lock that stays is told before anything is changed, one that goes is waited for', async () => {
  const world = createWorld()
  try {
    world.commit()
    const lock = `${world.root}/.git/index.lock`
    const commit: Change = { kind: 'commit', checkout: world.root, paths: [], message: 'm' }
    world.write(lock, '')
    await expect(awaitIndex(world.ports, [commit])).rejects.toMatchObject({ code: 'lock_busy' })
    await awaitIndex(world.ports, [])
    let looks = 0
    const indexLock = () => (++looks < 3 ? lock : undefined)
    await awaitIndex({ ...world.ports, git: { ...world.ports.git, indexLock } }, [commit])
    expect(looks).toBe(4)
  } finally {
    world.cleanup()
  }
})
