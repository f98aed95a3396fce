import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { locateProject } from './locate.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

const read = () => readConfig(world.ports, locateProject(world.ports))

test.each([undefined, '', '# nothing yet\n'])('a project with %j has the defaults', async text => {
  if (text !== undefined) world.write('.kittify/config.yaml', text)
  expect(await read()).toMatchObject({
    autoCommit: true,
    protectedBranches: [],
    mergeStrategy: undefined,
    agents: [],
    stallMinutes: 30,
  })
})

test('reads what the Python edition and we write', async () => {
  world.write(
    '.kittify/config.yaml',
    'agents:\n  available:\n  - claude\n  - codex\n  auto_commit: false\nprotected_branches: [main, release]\nmerge:\n  strategy: rebase\nreview:\n  stall_threshold_minutes: 5\nother: kept\n',
  )
  expect(await read()).toMatchObject({
    autoCommit: false,
    protectedBranches: ['main', 'release'],
    mergeStrategy: 'rebase',
    agents: ['claude', 'codex'],
    stallMinutes: 5,
    raw: { other: 'kept' },
  })
})

test('a malformed file is named with its line', async () => {
  world.write('.kittify/config.yaml', 'agents:\n  available: [claude\nmerge: {}\n')
  await expect(read()).rejects.toMatchObject({
    code: 'file_malformed',
    message: expect.stringMatching(/config\.yaml:3: (?!.*\b(?:line|column)\b)/),
    data: { line: 3 },
  })
})
