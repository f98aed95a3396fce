import { renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { resolveMission } from '../repo/mission/handle.ts'
import { locateProject } from '../repo/project/locate.ts'
import type { SyncPorts } from '../world/sync-ports.ts'
import { announceDocuments, MAX_DOCUMENT, uploadOf } from './documents.ts'

const AT = '2026-01-01T00:00:00.000000+00:00'
let world: World
let sync: SyncPorts
let dir: string
beforeEach(async () => {
  world = createWorld()
  dir = addMission(world)
  sync = await world.ports.sync()
})
afterEach(() => world.cleanup())

const announce = (register = {}, server: string | null = 'https://s') => {
  const mission = resolveMission(world.ports, locateProject(world.ports), MISSION_SLUG)
  const news = announceDocuments(
    { ports: world.ports, sync },
    mission,
    { projectUuid: 'p', server },
    register,
    AT,
  )
  return { ...news, paths: news.documents.map(row => row.artifact_path) }
}

test('everything once, then what changed, and everything again for another server', () => {
  const first = announce()
  expect(first.paths).toEqual(['plan.md', 'spec.md', 'tasks.md', 'tasks/WP01-demo.md', 'tasks/WP02-demo.md'])
  expect(first.facts.map(fact => fact.event_type)).toEqual([
    ...first.paths.map(() => 'MissionDossierArtifactIndexed'),
    'MissionDossierSnapshotComputed',
  ])
  const second = announce(first.register)
  expect([second.facts, second.paths]).toEqual([[], []])
  world.write(`${dir}/plan.md`, '# Another plan\n')
  const third = announce(second.register)
  expect(third.paths).toEqual(['plan.md'])
  expect(announce(third.register, 'https://other').paths).toHaveLength(5)
})

test('a file that was only touched is not told again', () => {
  const { register } = announce()
  world.write(`${dir}/plan.md`, '# Plan\n')
  expect(announce(register).paths).toEqual([])
})

test('folders and kinds that belong to a mission, and nothing else', () => {
  const more = [
    'research/a.md',
    'contracts/api.yaml',
    'checklists/x.csv',
    'contracts/logo.png',
    'other/b.md',
    'tasks/README.md',
  ]
  for (const path of more) world.write(`${dir}/${path}`, 'x')
  world.write(`${dir}/research.md`, Buffer.from([0xff, 0xfe, 0x00]))
  world.write(`${dir}/data-model.md`, 'x'.repeat(MAX_DOCUMENT + 1))
  expect(announce().paths.filter(path => !/^(plan|spec|tasks)/.test(path))).toEqual([
    'checklists/x.csv',
    'contracts/api.yaml',
    'research/a.md',
  ])
})

test('nothing is announced that lies behind a link, wherever in the path it is', () => {
  world.write('../home/secret/config.json', '{}')
  world.write('../home/secret/plan.md', 'secret')
  symlinkSync(join(world.home, 'secret'), join(world.root, dir, 'contracts'))
  rmSync(join(world.root, dir, 'spec.md'))
  symlinkSync(join(world.home, 'secret/plan.md'), join(world.root, dir, 'spec.md'))
  expect(announce().paths).toEqual(['plan.md', 'tasks.md', 'tasks/WP01-demo.md', 'tasks/WP02-demo.md'])
  renameSync(join(world.root, 'kitty-specs'), join(world.home, 'specs'))
  symlinkSync(join(world.home, 'specs'), join(world.root, 'kitty-specs'))
  expect(announce().paths).toEqual([])
})

test('an upload holds the file as it was announced, or is no longer needed', () => {
  const [row] = announce().documents
  if (row === undefined) throw new Error('no document')
  const door = { ports: world.ports, sync }
  expect(uploadOf(door, row)).toEqual({
    project_uuid: 'p',
    mission_slug: MISSION_SLUG,
    target_branch: 'main',
    mission_type: 'software-dev',
    manifest_version: '1',
    artifact_path: 'plan.md',
    content_hash: sync.sha256('# Plan\n'),
    hash_algorithm: 'sha256',
    content_body: '# Plan\n',
  })
  world.write(`${dir}/plan.md`, 'changed')
  expect(uploadOf(door, row)).toBeUndefined()
  expect(uploadOf(door, { ...row, path: '/nowhere' })).toBeUndefined()
})
