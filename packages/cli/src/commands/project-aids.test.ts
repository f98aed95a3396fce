/** intake, research, config, instructions, session-start. */
import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import {
  Instructions,
  Intake,
  ProjectConfiguration,
  Research,
  SessionStart,
} from '@spec-kitty/contracts/cli/project-aids'
import { addMission, addProject, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

const worlds: World[] = []
afterEach(() => {
  for (const made of worlds.splice(0)) made.cleanup()
})

function project(): World {
  const w = createWorld()
  worlds.push(w)
  addProject(w)
  w.commit()
  return w
}

describe('intake', () => {
  it('stores a plan as the brief, shows it, and keeps it out of git', async () => {
    const w = project()
    w.write('notes/idea.md', '# Idea\n')
    w.commit()
    const stored = await runCli({ ports: w.at('notes') }, ['intake', 'idea.md', '--json'])
    expect(v.parse(v.strictObject(Intake.entries), stored.json)).toMatchObject({
      result: 'stored',
      source_file: 'notes/idea.md',
    })
    expect(w.read('.kittify/mission-brief.md')).toBe('# Idea\n')
    expect(w.read('.kittify/brief-source.yaml')).toMatch(
      /^source_file: notes\/idea.md\ningested_at: .*\nbrief_hash: [0-9a-f]{64}\n$/,
    )
    expect(w.git('status', '--porcelain')).toBe('')
    const shown = await runCli(w, ['intake', '--show', '--json'])
    expect(v.parse(Intake, shown.json)).toMatchObject({ result: 'shown', source_file: 'notes/idea.md' })
    expect((await runCli(w, ['intake'])).stdout).toBe('# Idea\n')
    expect((await runCli(w, ['intake', 'notes/idea.md'])).stdout).toContain('/spec-kitty.specify')
  })

  it('replaces another brief only when forced', async () => {
    const w = project()
    w.write('a.md', 'a\n')
    w.write('b.md', 'b\n')
    await runCli(w, ['intake', 'a.md'])
    const refused = await runCli(w, ['intake', 'b.md', '--json'])
    expect(refused).toMatchObject({
      status: 1,
      json: { code: 'invalid_input', hint: expect.stringContaining('--force') },
    })
    expect(w.read('.kittify/mission-brief.md')).toBe('a\n')
    expect((await runCli(w, ['intake', 'b.md', '--force'])).status).toBe(0)
    expect(w.read('.kittify/mission-brief.md')).toBe('b\n')
  })

  it('finds the newest plan of an agent', async () => {
    const w = project()
    w.write('PLAN.md', 'old\n')
    w.write('.claude/plans/new.md', 'new\n')
    utimesSync(join(w.root, 'PLAN.md'), 1, 1)
    expect((await runCli(w, ['intake', '--auto', '--json'])).json).toMatchObject({
      source_file: '.claude/plans/new.md',
    })
  })

  it('leaves the ignore line uncommitted on a protected branch', async () => {
    const w = project()
    w.write('.kittify/config.yaml', 'protected_branches: [main]\n')
    w.write('a.md', 'a\n')
    w.commit()
    expect((await runCli(w, ['intake', 'a.md'])).status).toBe(0)
    expect(w.git('status', '--porcelain')).toMatch(/^(\?\?|M) ?\.gitignore$/)
  })

  it.each([
    [['intake'], 'No brief found'],
    [['intake', '--auto'], 'No plan found'],
    [['intake', 'nope.md'], 'No such file: nope.md'],
    [['intake', 'empty.md'], 'The file is empty: empty.md'],
  ])('refuses %j', async (words, message) => {
    const w = project()
    w.write('empty.md', '\n')
    expect(await runCli(w, words)).toMatchObject({ status: 1, stderr: expect.stringContaining(message) })
    expect(w.exists('.kittify/mission-brief.md')).toBe(false)
  })

  it('gives each worktree of the user its own brief', async () => {
    const w = project()
    w.git('worktree', 'add', '-q', '../other', '-b', 'other')
    w.write('a.md', 'a\n')
    expect(
      (await runCli({ ports: w.at(join(w.dir, 'other')) }, ['intake', join(w.root, 'a.md')])).status,
    ).toBe(0)
    expect(w.exists('.kittify/mission-brief.md')).toBe(false)
    expect(w.read(join(w.dir, 'other/.kittify/mission-brief.md'))).toBe('a\n')
  })
})

describe('research', () => {
  it('opens the documents, once, in one commit', async () => {
    const w = project()
    addMission(w)
    w.write(`kitty-specs/${MISSION_SLUG}/data-model.md`, 'mine\n')
    w.commit()
    const made = await runCli(w, ['research', '--json'])
    expect(v.parse(v.strictObject(Research.entries), made.json)).toMatchObject({
      created: ['research.md', 'research/evidence-log.csv', 'research/source-register.csv'],
      kept: ['data-model.md'],
      committed: true,
    })
    expect(w.git('status', '--porcelain')).toBe('')
    expect((await runCli(w, ['research'])).stdout).toMatch(/^Kept: research.md/)
    expect((await runCli(w, ['research', '--force', '--no-auto-commit'])).stdout).toContain('Made in')
    expect(w.read(`kitty-specs/${MISSION_SLUG}/data-model.md`)).toMatch(/^# Data model/)
  })
})

describe('config', () => {
  it('tells what holds and where it was said', async () => {
    const w = project()
    w.write('.kittify/config.yaml', 'agents:\n  available: [claude]\nmerge:\n  strategy: merge\n')
    const answer = await runCli(w, ['config', '--show-origin', '--json'])
    const { settings } = v.parse(v.strictObject(ProjectConfiguration.entries), answer.json)
    expect(settings).toContainEqual({ key: 'merge.strategy', value: 'merge', origin: 'config' })
    expect(settings).toContainEqual({ key: 'agents.available', value: ['claude'], origin: 'config' })
    expect(settings).toContainEqual({ key: 'agents.auto_commit', value: true, origin: 'default' })
    expect((await runCli(w, ['config'])).stdout).toMatch(/protected_branches +none {2}\(default\)/)
  })
})

describe('instructions', () => {
  it('prints pages of under 2 KB, and the list of them', async () => {
    const w = project()
    const list = v.parse(
      v.strictObject(Instructions.entries),
      (await runCli(w, ['instructions', '--json'])).json,
    )
    expect(list.topics.length).toBeGreaterThan(5)
    for (const { name, description } of list.topics) {
      expect(list.text).toContain(description)
      const page = await runCli(w, ['instructions', name.toUpperCase()])
      expect(page.status).toBe(0)
      expect(Buffer.byteLength(page.stdout), name).toBeLessThan(2048)
    }
    expect(await runCli(w, ['instructions', 'nope'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('worktrees'),
    })
  })
})

describe('session-start', () => {
  it('names the open missions in a few lines', async () => {
    const w = project()
    addMission(w)
    const answer = await runCli(w, ['session-start', '--json'])
    const { missions, text } = v.parse(v.strictObject(SessionStart.entries), answer.json)
    expect(missions).toEqual([MISSION_SLUG])
    expect(text).toMatch(new RegExp(`- ${MISSION_SLUG} \\(.*\\): \\w+`))
    expect(Buffer.byteLength(text)).toBeLessThan(1024)
  })

  it('is silent where there is no project, and without a repository', async () => {
    const w = createWorld()
    const outside = createWorld({ git: false })
    worlds.push(w, outside)
    for (const place of [w, outside])
      expect(await runCli(place, ['session-start'])).toMatchObject({ status: 0, stdout: '', stderr: '' })
    addProject(w)
    expect((await runCli(w, ['session-start'])).stdout).toContain('No mission is open.')
  })
})
