import { createWorld } from '@spec-kitty/host/testing/world'
import { expect, test } from 'vitest'
import { isNamed } from './committer.ts'

test.each<[string, Record<string, string>, Record<string, string>]>([
  ['names and dates of the environment', {}, {}],
  ['no name', {}, { GIT_AUTHOR_NAME: '' }],
  ['a name of which git leaves nothing', {}, { GIT_COMMITTER_NAME: '. <>' }],
  ['an empty variable before a setting', { 'user.name': 'Ann' }, { GIT_COMMITTER_NAME: '' }],
  ['a date that is none', {}, { GIT_AUTHOR_DATE: 'the day after' }],
])('git and we agree about %s', async (_, settings, variables) => {
  const world = createWorld()
  try {
    const ports = world.at(world.root, variables)
    for (const [key, value] of Object.entries(settings)) world.git('config', key, value)
    const problem = await ports.git.identityProblem(world.root)
    expect(isNamed(ports, await ports.git.settings(world.root)), problem).toBe(problem === undefined)
  } finally {
    world.cleanup()
  }
})
