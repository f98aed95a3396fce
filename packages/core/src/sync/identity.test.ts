import { chmodSync, rmSync, statSync } from 'node:fs'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '../repo/project/config.ts'
import { locateProject } from '../repo/project/locate.ts'
import { openIdentity, originOf, projectSlug, randomUuid, repoSlug } from './identity.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

const identity = async (at = world.root) => {
  const ports = world.at(at)
  const project = locateProject(ports)
  return openIdentity({ ports, sync: await ports.sync() }, project, await readConfig(ports, project))
}

test('what is missing is made once and kept in the git directory; the tree stays clean', async () => {
  world.write('a', '')
  world.commit()
  const first = await identity()
  expect(first).toMatchObject({
    projectSlug: 'repo',
    repoSlug: null,
    nodeId: expect.stringMatching(/^[0-9a-f]{12}$/),
  })
  expect(await identity()).toEqual(first)
  expect(world.git('status', '--porcelain')).toBe('')
})

test('in a repository of several people each of them can read it', async () => {
  const modes = () =>
    ['.git/spec-kitty', '.git/spec-kitty/identity.json'].map(
      path => statSync(`${world.root}/${path}`).mode & 0o777,
    )
  chmodSync(`${world.root}/.git/config`, 0o660)
  await identity()
  expect(modes()).toEqual([0o770, 0o660])
  rmSync(`${world.root}/.git/spec-kitty`, { recursive: true })
  chmodSync(`${world.root}/.git/config`, 0o600)
  await identity()
  expect(modes()).toEqual([0o700, 0o600])
})

test('another worktree is another build of the same project', async () => {
  world.write('a', '')
  world.commit()
  const first = await identity()
  world.git('worktree', 'add', '-q', '../second')
  const second = await identity(`${world.dir}/second`)
  expect(second.projectUuid).toBe(first.projectUuid)
  expect(second.buildId).not.toBe(first.buildId)
})

test('what the configuration says counts', async () => {
  const uuid = '0b1f4a8e-3c55-4d6b-9a63-2f9a0a1b2c3d'
  world.write(
    '.kittify/config.yaml',
    `project:\n  uuid: ${uuid}\n  build_id: ${uuid}\n  slug: mine\n  node_id: abc\n  repo_slug: o/r\n`,
  )
  expect(await identity()).toEqual({
    projectUuid: uuid,
    buildId: uuid,
    projectSlug: 'mine',
    nodeId: 'abc',
    repoSlug: 'o/r',
  })
  expect(world.exists('.git/spec-kitty/identity.json')).toBe(false)
})

test('origin gives the slugs', () => {
  world.git('remote', 'add', 'origin', 'git@github.com:Team/My_Repo.git')
  const origin = originOf(world.read('.git/config'))
  expect([projectSlug(origin, '/x'), repoSlug(origin)]).toEqual(['my-repo', 'Team/My_Repo'])
  expect(originOf('[core]\n\turl = x\n')).toBeUndefined()
})

test.each([
  ['https://git.example/group/sub/repo.git/', 'group/sub/repo'],
  ['ssh://git@host:2222/o/r', 'o/r'],
  ['/srv/git/r.git', null],
  ['file:///srv/r', null],
  ['../r', null],
  [undefined, null],
])('repo slug of %s is %s', (origin, slug) => {
  expect(repoSlug(origin)).toBe(slug)
})

test('a UUID of version 4', () => {
  expect(randomUuid({ ids: { ulid: () => '', hex: n => 'f'.repeat(n) } })).toBe(
    'ffffffff-ffff-4fff-bfff-ffffffffffff',
  )
})
