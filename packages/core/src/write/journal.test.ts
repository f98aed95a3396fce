import type { MergeState } from '@spec-kitty/contracts/files/merge-state'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { locateProject, type Project } from '../repo/project/locate.ts'
import { conduct } from './conduct.ts'
import {
  deleteJournal,
  journalPath,
  listJournals,
  readJournal,
  refuseDuringMerge,
  writeJournal,
} from './journal.ts'
import { writeLocal } from './local.ts'
import { hold, mergeLock, missionLock, projectLock } from './locks.ts'

let world: World
let project: Project
beforeEach(() => {
  world = createWorld()
  world.commit()
  project = locateProject(world.ports)
})
afterEach(() => world.cleanup())

const state = (phase: string, plan: object | null = {}) =>
  ({ version: 1, mission_slug: 'demo', phase, options: {}, plan }) as unknown as MergeState
const put = (text: string) => world.write(journalPath(project, 'demo'), text)

describe('the journal of a merge', () => {
  it('is read as it was written, and listed by its mission', async () => {
    expect([readJournal(world.ports, project, 'demo'), listJournals(world.ports, project)]).toEqual([
      undefined,
      [],
    ])
    await world.ports.apply([writeJournal(project, state('landing'))])
    expect(readJournal(world.ports, project, 'demo')).toEqual(state('landing'))
    for (const name of ['.demo.json.1.2.tmp', '.x.json', 'json', 'x.json.bak'])
      world.write(`.git/spec-kitty-merge/${name}`, '')
    expect(listJournals(world.ports, project)).toEqual(['demo'])
  })

  it.each([
    '',
    '{',
    '[]',
    'null',
    '{"version":2,"options":{}}',
    '{"version":1}',
    '{"version":1,"options":[]}',
    '{"options":{}}',
  ])('is refused as %j, with its path and the command that removes it', text => {
    put(text)
    const path = journalPath(project, 'demo')
    expect(() => readJournal(world.ports, project, 'demo')).toThrow(
      expect.objectContaining({
        code: 'file_malformed',
        hint: expect.stringContaining(`rm ${path}`),
        data: { path },
      }),
    )
  })

  it.each([
    ['landing', '--resume'],
    ['aborting', '--abort'],
  ])('%s keeps writers out and names %s', (phase, way) => {
    put(JSON.stringify(state(phase)))
    expect(() => refuseDuringMerge(world.ports, project, 'demo')).toThrow(
      expect.objectContaining({
        code: 'merge_in_progress',
        hint: `spec-kitty merge ${way} --mission demo`,
        data: { mission_slug: 'demo' },
      }),
    )
    refuseDuringMerge(world.ports, project, 'other')
    put(JSON.stringify(state(phase, null)))
    refuseDuringMerge(world.ports, project, 'demo')
  })

  it('goes last, with what killed runs left beside it and beside what was carried along, and nothing else', () => {
    put('{}')
    const left = ['.git/spec-kitty-merge/.demo.json.12.345.tmp', 'src/.a.txt.1.0.tmp']
    const others = [
      '.git/spec-kitty-merge/.other.json.1.2.tmp',
      'src/a.txt',
      'src/.b.txt.1.0.tmp',
      'src/.a.txt.1.x.tmp',
      'src/.a.txt.x.1.tmp',
      'src/.a.txt.1.0.tmp~',
      'src/.a.txt.x1.0.tmp',
    ]
    for (const name of [...left, ...others]) world.write(name, '')
    const changes = deleteJournal(world.ports, project, 'demo', [`${world.root}/src/a.txt`])
    const path = journalPath(project, 'demo')
    expect(changes.map(one => one.kind)).toEqual(changes.map(() => 'delete_file'))
    const paths = changes.map(one => ('path' in one ? one.path : ''))
    expect([paths.at(-1), new Set(paths)]).toEqual([
      path,
      new Set([path, ...left.map(name => `${world.root}/${name}`)]),
    ])
  })
})

describe('locks', () => {
  it('have names of their own, those that the other edition takes', () => {
    const names = [missionLock(project, 'demo'), projectLock(project), mergeLock(project)]
    expect(names.map(path => path.slice(project.commonDir.length))).toEqual([
      '/spec-kitty-locks/demo.status.lock',
      '/spec-kitty-locks/project.lock',
      '/spec-kitty-locks/merge.lock',
    ])
  })

  it('are held while something is performed, and given back, after a refusal too', async () => {
    const locks = [projectLock(project), mergeLock(project)]
    const busy = (lock: string) => hold(world.ports, [lock], async () => undefined, 0)
    const path = `${world.root}/a.txt`
    const acted = conduct(world.ports, locks, async stage => {
      for (const lock of locks) await expect(busy(lock)).rejects.toMatchObject({ code: 'lock_busy' })
      await stage.perform([{ kind: 'write_file', path, content: 'a' }])
      throw new Error('stop')
    })
    await expect(acted).rejects.toThrow('stop')
    expect(world.read('a.txt')).toBe('a')
    for (const lock of locks) await busy(lock)
  })

  it('nothing to do is not performed', async () => {
    const ports = { ...world.ports, apply: () => Promise.reject(new Error('performed')) }
    await writeLocal(ports, [])
    await conduct(ports, [], stage => stage.perform([]))
    const change = { kind: 'delete_file', path: `${world.root}/x` } as const
    await expect(writeLocal(ports, [change])).rejects.toThrow('performed')
    await expect(conduct(ports, [], stage => stage.perform([change]))).rejects.toThrow('performed')
  })
})
