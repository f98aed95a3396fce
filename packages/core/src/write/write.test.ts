import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { drawStamps } from '../repo/log/emit.ts'
import { requireTransition, standing } from '../repo/log/transition.ts'
import { editMeta } from '../repo/mission/meta.ts'
import { locateProject } from '../repo/project/locate.ts'
import { rewrite } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { hold, missionLock } from './locks.ts'
import { rehearse } from './rehearse.ts'
import { type Scene, write, writeProject } from './write.ts'

let world: World
const dir = `kitty-specs/${MISSION_SLUG}`
beforeEach(() => {
  world = createWorld()
  addMission(world)
  world.commit()
})
afterEach(() => world.cleanup())

const note = (text: string) => (scene: Scene) => ({
  files: rewrite(`${scene.mission.dir}/note.md`, undefined, text),
  message: 'Note',
  answer: null as string | null,
  committed: (commit: string) => commit,
})

const claim = (ports: Ports) =>
  write(ports, {}, async ({ mission, status }) => {
    const facts = await status()
    const [stamp] = drawStamps(ports, facts, 1)
    const request = { wpId: 'WP01', to: 'claimed', actor: 'ann' } as const
    return {
      events: [requireTransition(mission, standing(facts.reduction, 'WP01'), request, stamp)],
      message: 'Claim',
      answer: stamp.id,
    }
  })

describe('write', () => {
  it('commits exactly the files written, and answers with the commit', async () => {
    world.write('other.txt', 'mine')
    const commit = await write(world.ports, {}, note('hello'))
    expect(commit).toBe(world.git('rev-parse', 'HEAD'))
    expect(world.git('show', '--name-only', '--format=%s')).toBe(`Note\n\n${dir}/note.md`)
  })

  it('appends the rows, writes the snapshot, commits both, and then tells the server', async () => {
    const told: unknown[] = []
    const id = await claim({
      ...world.ports,
      tell: async facts => void told.push([facts, world.git('log', '-1', '--format=%s')]),
    })
    expect(world.git('show', '--name-only', '--format=')).toBe(
      `${dir}/status.events.jsonl\n${dir}/status.json`,
    )
    expect(told).toMatchObject([[[{ event_id: id, event_type: 'WPStatusChanged' }], 'Claim']])
  })

  it('opens the scene under the lock: what the holder wrote meanwhile is there', async () => {
    const path = missionLock(locateProject(world.ports), MISSION_SLUG)
    let closing: Promise<unknown> = Promise.resolve()
    await hold(world.ports, [path], async () => {
      closing = write(world.ports, {}, ({ mission }) => ({
        files: editMeta(world.ports, mission, { closed_at: 'now' }),
        answer: mission.meta.friendly_name,
      }))
      const text = world.read(`${dir}/meta.json`)
      world.write(`${dir}/meta.json`, text.replace('Demo feature', 'Renamed').replace('{', '{"theirs": 1.0,'))
    })
    expect(await closing).toBe('Renamed')
    expect(world.read(`${dir}/meta.json`)).toContain('"theirs": 1.0')
    expect(JSON.parse(world.read(`${dir}/meta.json`))).toMatchObject({ closed_at: 'now' })
  })

  it.each([
    ['protected_branch', () => world.write('.kittify/config.yaml', 'protected_branches: [main]\n')],
    ['coordination_mission', () => meta('"coordination_branch": "x",')],
    ['mission_required', () => addMission(world, { slug: 'b-01KQW4DG' })],
    [
      'merge_in_progress',
      () => world.write(`.git/spec-kitty-merge/${MISSION_SLUG}.json`, '{"version":1,"options":{},"plan":{}}'),
    ],
  ])('refuses with %s, and writes nothing', async (code, arrange) => {
    arrange()
    await expect(write(world.ports, {}, note('x'))).rejects.toMatchObject({ code })
    expect(world.exists(`${dir}/note.md`)).toBe(false)
  })

  it('refuses a protected branch only to a command that would commit to it', async () => {
    world.write('.kittify/config.yaml', 'protected_branches: [main]\n')
    expect(await write(world.ports, { autoCommit: false }, note('x'))).toBe(null)
    await writeProject(world.ports, {}, ({ project }) => ({
      files: [{ kind: 'switch_branch', checkout: project.root, branch: 'work' }],
      message: 'Begin',
      paths: [`${project.root}/${dir}/note.md`],
      answer: null,
    }))
    expect(world.git('log', '-1', '--format=%s %D')).toBe('Begin HEAD -> work')
  })
})

describe('a rehearsal', () => {
  it('changes nothing and reads as if it had', async () => {
    const before = [world.git('rev-parse', 'HEAD'), world.git('status', '--porcelain')]
    const { ports, plan } = rehearse(world.ports)
    await claim(ports)
    await claim(ports).catch((error: unknown) => expect(error).toMatchObject({ code: 'illegal_transition' }))
    expect(await write(ports, {}, note('x'))).toBe(null)
    await write(ports, {}, note('x')).catch((error: unknown) =>
      expect(error).toMatchObject({ code: 'file_changed' }),
    )
    expect(plan.map(change => change.kind)).toEqual([
      'append_events',
      'write_file',
      'commit',
      'write_file',
      'commit',
    ])
    expect(ports.files.list(`${world.root}/${dir}`)).toContain('note.md')
    expect(ports.files.stat(`${world.root}/${dir}/note.md`)).toMatchObject({ kind: 'file', size: 1 })
    expect([world.git('rev-parse', 'HEAD'), world.git('status', '--porcelain')]).toEqual(before)
    expect(world.exists('.git/spec-kitty-locks')).toBe(false)
  })

  it('forgets files that were deleted and knows directories that were made', async () => {
    const { ports } = rehearse(world.ports)
    const at = (name: string): string => `${world.root}/${name}`
    await ports.apply([
      { kind: 'delete_file', path: at(`${dir}/meta.json`) },
      { kind: 'write_file', path: at('new/deep/file'), content: 'x' },
    ])
    expect(ports.files.text(at(`${dir}/meta.json`))).toBeUndefined()
    expect(ports.files.stat(at(`${dir}/meta.json`))).toBeUndefined()
    expect(ports.files.list(at(dir))).not.toContain('meta.json')
    expect([ports.files.stat(at('new'))?.kind, ports.files.list(at('new'))]).toEqual(['directory', ['deep']])
  })
})

function meta(more: string): void {
  world.write(`${dir}/meta.json`, world.read(`${dir}/meta.json`).replace('{', `{${more}`))
}
