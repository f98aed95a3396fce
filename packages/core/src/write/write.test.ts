import { KittyError } from '@spec-kitty/contracts/errors'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { drawStamps } from '../repo/log/emit.ts'
import { requireTransition, standing } from '../repo/log/transition.ts'
import { editMeta } from '../repo/mission/meta.ts'
import { locateProject } from '../repo/project/locate.ts'
import { type Change, type QueuedFact, rewrite } from '../world/change.ts'
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

describe('a rehearsal of single changes', () => {
  const at = (name: string): string => `${world.root}/${name}`
  const text = (name: string, content: string, expect?: string | Uint8Array | null): Change => ({
    kind: 'write_file',
    path: at(name),
    content,
    ...(expect === undefined ? {} : { expect }),
  })

  it('reads what was written in every way, at its place among the others', async () => {
    world.write('d/a', 'aa')
    world.write('d/c', 'cc')
    const { ports } = rehearse(world.ports)
    await ports.apply([text('d/b', '\uFEFFbb'), text('e/f/g', 'g'), text('d/c', 'new')])
    const { files } = ports
    expect([files.list(at('d')), files.list(at('e')), files.list(at('none'))]).toEqual([
      ['a', 'b', 'c'],
      ['f'],
      [],
    ])
    expect([files.text(at('d/b')), files.front(at('d/b')), files.front(at('d/a'))]).toEqual([
      '\uFEFFbb',
      '\uFEFFbb',
      'aa',
    ])
    expect(
      [files.bytes(at('d/c'), 1), files.bytes(at('d/c')), files.bytes(at('d/a'), 1)].map(String),
    ).toEqual(['101,119', '110,101,119', 'a'])
    expect(files.stat(at('d/b'))).toEqual({ kind: 'file', size: 5, mtimeMs: 0, id: 0, executable: false })
    expect(files.stat(at('e'))).toEqual({ kind: 'directory', size: 0, mtimeMs: 0, id: 0, executable: false })
    expect([files.stat(at('d/a'))?.size, files.stat(at('none'))]).toEqual([2, undefined])
    await ports.apply([
      { kind: 'delete_file', path: at('d'), directory: true },
      { kind: 'delete_file', path: at('e/f/g') },
    ])
    expect([files.list(at('d')), files.list(at('e')), files.stat(at('e'))]).toEqual([
      ['a', 'b', 'c'],
      [],
      undefined,
    ])
  })

  it.each<[string, string | Uint8Array | null, boolean]>([
    ['a', 'old', true],
    ['a', new TextEncoder().encode('old'), true],
    ['a', 'olD', false],
    ['a', 'old ', false],
    ['a', 'ol', false],
    ['a', null, false],
    ['b', null, true],
    ['b', 'old', false],
    ['b', '', false],
  ])('a write to %s that expects %j goes through: %s', async (name, expected, through) => {
    world.write('a', 'old')
    const { ports, plan } = rehearse(world.ports)
    const applied = ports.apply([text(name, 'new', expected)])
    if (through) await applied
    else await expect(applied).rejects.toMatchObject({ code: 'file_changed' })
    expect([plan.length, ports.files.text(at(name))]).toEqual(
      through ? [1, 'new'] : [0, name === 'a' ? 'old' : undefined],
    )
  })

  it.each([
    [undefined, 'x\ny\n'],
    ['', 'x\ny\n'],
    ['a\n', 'a\nx\ny\n'],
    ['a', 'a\nx\ny\n'],
  ])('rows behind %j make %j', async (before, after) => {
    if (before !== undefined) world.write('log', before)
    const { ports } = rehearse(world.ports)
    await ports.apply([{ kind: 'append_events', path: at('log'), lines: ['x', 'y'] }])
    expect(ports.files.text(at('log'))).toBe(after)
  })

  it('stands on the branch that it went to, plans a worktree once, and refuses what git would not commit', async () => {
    const { ports, plan } = rehearse(world.ports)
    const { sha } = world.ports.git.head(world.root)
    const tree = (path: string) =>
      ({ kind: 'add_worktree', repo: world.root, path, branch: 'b', from: sha ?? '' }) as unknown as Change
    await ports.apply([{ kind: 'switch_branch', checkout: world.root, branch: 'work' }, tree('x')])
    await ports.apply([tree('x'), tree('y')])
    expect(plan.map(change => ('path' in change ? change.path : change.kind))).toEqual([
      'switch_branch',
      'x',
      'y',
    ])
    expect(ports.git.head(world.root)).toEqual({ branch: 'work', sha })
    expect(world.ports.git.head(world.root).branch).toBe('main')
    const commit: Change = { kind: 'commit', checkout: world.root, paths: [], message: 'm' }
    await ports.apply([commit])
    world.git('config', 'commit.gpgsign', 'true')
    world.git('config', 'gpg.program', 'false')
    await expect(rehearse(world.at('.')).ports.apply([commit])).rejects.toMatchObject({ code: 'git_failed' })
  })
})

describe('commits of a phase', () => {
  beforeEach(() => {
    world.write('.kittify/config.yaml', 'commits: phase\n')
    world.commit()
  })
  const heads = () => world.git('rev-list', '--count', 'HEAD')
  const files = () => world.git('show', '--name-only', '--format=', 'HEAD').split('\n')
  const decide = (name: string, phase?: boolean) => (scene: Scene) => ({
    ...note('x')(scene),
    files: rewrite(`${scene.mission.dir}/${name}`, undefined, 'x'),
    ...(phase === undefined ? {} : { phase }),
  })

  it.each<[string, boolean | undefined, boolean | undefined, boolean]>([
    ['analysis-report.md', undefined, undefined, false],
    ['note.md', undefined, undefined, true],
    ['note.md', false, undefined, false],
    ['analysis-report.md', true, undefined, true],
    ['analysis-report.md', undefined, true, true],
    ['note.md', undefined, false, false],
  ])(
    '%s, ending a phase: %s, asked to commit: %s, is committed: %s',
    async (name, phase, autoCommit, made) => {
      const before = heads()
      const answer = await write(world.ports, { autoCommit }, decide(name, phase))
      expect([heads() !== before, answer !== null, world.exists(`${dir}/${name}`)]).toEqual([
        made,
        made,
        true,
      ])
    },
  )

  it('take along the bookkeeping that waited, nothing that is deleted, and nothing else', async () => {
    await claim(world.ports)
    world.write(`${dir}/notes.txt`, 'mine')
    world.git('rm', '-q', '--cached', `${dir}/tasks/WP02-demo.md`)
    await write(world.ports, {}, decide('note.md', true))
    expect(files()).toEqual([`${dir}/note.md`, `${dir}/status.events.jsonl`, `${dir}/status.json`])
  })

  it('are none of what belongs to no mission', async () => {
    const before = heads()
    await writeProject(world.ports, {}, ({ project }) => ({
      files: rewrite(`${project.root}/${dir}/analysis-report.md`, undefined, 'x'),
      message: 'Report',
      answer: null,
    }))
    expect([heads() === before, files()]).toEqual([false, [`${dir}/analysis-report.md`]])
  })
})

describe('the order of a decision', () => {
  it('is files, log, what repeats it, commit, server, and what comes after', async () => {
    const seen: string[] = []
    const path = (name: string) => `${world.root}/${dir}/${name}`
    const put = (name: string) => ({ kind: 'write_file', path: path(name), content: 'x' }) as const
    const fact = { event_id: 'mine' } as unknown as QueuedFact
    const ports: Ports = {
      ...world.ports,
      apply: async changes => {
        seen.push(...changes.map(one => ('path' in one ? (one.path.split('/').at(-1) ?? '') : one.kind)))
        await world.ports.apply(changes)
      },
      tell: async facts =>
        void seen.push(...facts.map(({ event_id: id }) => (id === 'mine' ? 'mine' : 'row'))),
    }
    await write(ports, {}, async ({ mission, status }) => {
      const facts = await status()
      const [stamp] = drawStamps(ports, facts, 1)
      const request = { wpId: 'WP01', to: 'claimed', actor: 'ann' } as const
      return {
        files: [put('a.md')],
        events: [requireTransition(mission, standing(facts.reduction, 'WP01'), request, stamp)],
        afterLog: [put('b.md')],
        message: 'All',
        told: [fact],
        afterCommit: [put('c.md')],
        answer: null,
      }
    })
    expect(seen).toEqual([
      'a.md',
      'status.events.jsonl',
      'status.json',
      'b.md',
      'commit',
      'row',
      'mine',
      'c.md',
    ])
    expect(world.git('show', '--name-only', '--format=', 'HEAD').split('\n')).toEqual(
      ['a.md', 'b.md', 'status.events.jsonl', 'status.json'].map(name => `${dir}/${name}`),
    )
  })

  it('answers as if nothing was committed where nothing was', async () => {
    world.write(`${dir}/note.md`, 'x')
    const head = world.commit()
    const same = write(world.ports, {}, scene => ({
      ...note('x')(scene),
      files: [],
      paths: [`${scene.mission.dir}/note.md`],
    }))
    expect([await same, world.git('rev-parse', 'HEAD')]).toEqual([null, head])
    expect(
      await write(world.ports, {}, scene => ({
        ...note('y')(scene),
        files: [],
        message: undefined,
        paths: [`${scene.mission.dir}/note.md`],
      })),
    ).toBe(null)
    expect(await write(world.ports, {}, scene => ({ ...note('')(scene), files: [] }))).toBe(null)
    expect(world.git('rev-parse', 'HEAD')).toBe(head)
  })

  it('makes no branch for a commit that git will refuse, and says why git refused one', async () => {
    world.git('config', 'commit.gpgsign', 'true')
    world.git('config', 'gpg.program', 'false')
    const why = { code: 'git_failed', message: expect.stringContaining('commit.gpgsign') }
    await expect(write(world.ports, {}, note('x'))).rejects.toMatchObject(why)
    expect(world.exists(`${dir}/note.md`)).toBe(false)
    const branch = { kind: 'update_refs', repo: world.root, updates: [] } as unknown as Change
    let applied = 0
    const ports = { ...world.ports, apply: async () => void applied++ }
    const begin = (scene: Scene) => ({
      ...note('x')(scene),
      files: [branch],
      paths: [`${scene.mission.dir}/note.md`],
    })
    await expect(write(ports, {}, begin)).rejects.toMatchObject(why)
    expect(applied).toBe(0)
    await write(ports, {}, scene => ({ ...begin(scene), committable: true }))
    await write(ports, { autoCommit: false }, begin)
    expect(applied).toBe(2)
    const failed = new KittyError('io_failed', 'disk')
    const broken = { ...world.ports, apply: () => Promise.reject(failed) }
    await expect(write(broken, {}, note('x'))).rejects.toBe(failed)
  })
})

describe('what belongs to no mission', () => {
  const nothing = () => ({ answer: 'done' })

  it('wants a project, unless any repository will do', async () => {
    const bare = createWorld()
    bare.commit()
    await expect(writeProject(bare.ports, {}, nothing)).rejects.toMatchObject({ code: 'no_project' })
    expect(await writeProject(bare.ports, { anyRepository: true }, nothing)).toBe('done')
    bare.cleanup()
  })

  it('waits for the missions that it changes beside, and for no other', async () => {
    const project = locateProject(world.ports)
    const missions = [MISSION_SLUG]
    const inside = await writeProject(world.ports, { missions }, async () => {
      const tries = [MISSION_SLUG, 'other'].map(slug =>
        hold(world.ports, [missionLock(project, slug)], async () => 'free', 0).catch(() => 'held'),
      )
      return { answer: await Promise.all(tries) }
    })
    expect(inside).toEqual(['held', 'free'])
    world.write(`.git/spec-kitty-merge/${MISSION_SLUG}.json`, '{"version":1,"options":{},"plan":{}}')
    await expect(writeProject(world.ports, { missions }, nothing)).rejects.toMatchObject({
      code: 'merge_in_progress',
    })
    expect(await writeProject(world.ports, {}, nothing)).toBe('done')
  })

  it('commits nothing that lies in the git directory', async () => {
    await writeProject(world.ports, {}, ({ project }) => ({
      files: ['in.txt', '.git/out.txt'].map(
        name => ({ kind: 'write_file', path: `${project.root}/${name}`, content: 'x' }) as const,
      ),
      message: 'Two',
      answer: null,
    }))
    expect(world.git('show', '--name-only', '--format=', 'HEAD')).toBe('in.txt')
  })
})

it('writes files of a mission of another topology, where that is asked', async () => {
  meta('"coordination_branch": "x",')
  expect(await write(world.ports, { anyTopology: true, autoCommit: false }, note('x'))).toBe(null)
  expect(world.read(`${dir}/note.md`)).toBe('x')
})

function meta(more: string): void {
  world.write(`${dir}/meta.json`, world.read(`${dir}/meta.json`).replace('{', `{${more}`))
}
