import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  createMissionRepository,
  type MissionRepository,
  PROGRAM,
  pythonEdition,
  SLUG,
} from '../support/mission-repository.ts'

// Issue 7: one mission, two editions in turns; both read the same board after every step.
const python = pythonEdition()

/** Caches and notes of the Python edition that it leaves in the tree. */
const LITTER = [
  '.worktrees/',
  'kitty-ops/',
  '.kittify/runtime/',
  '.kittify/workspaces/',
  '.kittify/sync-state.json',
  '.kittify/legacy-warning-shown-*',
  '.kittify/encoding-provenance/',
]

class Story {
  readonly repository: MissionRepository = createMissionRepository(['WP01', 'WP02'])
  readonly #expected = new Map([
    ['WP01', 'planned'],
    ['WP02', 'planned'],
  ])

  run(program: string, ...words: string[]): string {
    const { status, stdout, stderr } = this.repository.run(words, program)
    expect(status, `${program} ${words.join(' ')}\n${stdout}\n${stderr}`).toBe(0)
    return stdout
  }

  commit(message: string): void {
    this.repository.git('add', '-A')
    if (this.repository.git('status', '--porcelain') !== '') this.repository.git('commit', '-qm', message)
  }

  /** Both editions read the lanes that the story has come to. */
  expectLanes(step: string, ...changed: readonly (readonly [wp: string, lane: string])[]): void {
    for (const [wp, lane] of changed) this.#expected.set(wp, lane)
    for (const program of [PROGRAM, String(python.program)]) {
      const board = JSON.parse(this.run(program, 'agent', 'tasks', 'status', '--mission', SLUG, '--json'))
      const lanes = board.work_packages.map((wp: { id: string; lane: string }) => [wp.id, wp.lane])
      expect(Object.fromEntries(lanes), `${step}, as ${program} sees it`).toEqual(
        Object.fromEntries(this.#expected),
      )
    }
  }

  /** What the Python edition asks for before it implements: a charter, requirements and an analysis. */
  prepare(first: string): void {
    const { git, root, file } = this.repository
    writeFileSync(join(root, '.gitignore'), `${LITTER.join('\n')}\n`)
    const edit = (name: string, from: string, to: string): void =>
      writeFileSync(file(name), readFileSync(file(name), 'utf8').replaceAll(from, to))
    edit('tasks.md', '- [ ]', '**Requirement Refs**: FR-001\n\n- [ ]')
    for (const wp of ['WP01', 'WP02']) {
      edit(`tasks/${wp}-demo.md`, 'history: []', `authoritative_surface: src/${wp}/\nhistory: []`)
    }
    this.commit('requirements')
    const edition = String(python.program)
    this.run(edition, 'charter', 'interview', '--profile', 'minimal', '--defaults')
    for (const word of ['generate', 'synthesize']) this.run(edition, 'charter', word)
    this.commit('charter')
    this.run(first, 'agent', 'mission', 'finalize-tasks', '--mission', SLUG, '--json')
    this.commit('tasks')
    writeFileSync(join(root, '..', 'analysis.md'), '# Analysis\n\nAll fine.\n')
    const report = ['--input-file', join(root, '..', 'analysis.md'), '--agent', 'claude']
    this.run(PROGRAM, 'agent', 'mission', 'record-analysis', '--mission', SLUG, ...report, '--json')
    this.commit('analysis')
    expect(git('status', '--porcelain')).toBe('')
  }

  write(wp: string, lane: string): void {
    const tree = join(this.repository.root, '.worktrees', `${SLUG}-${lane}`)
    mkdirSync(join(tree, 'src', wp), { recursive: true })
    writeFileSync(join(tree, 'src', wp, 'file.txt'), `${wp}\n`)
    this.repository.git('-C', tree, 'add', 'src')
    this.repository.git('-C', tree, 'commit', '-qm', `feat: ${wp}`)
  }

  /** One package from planned to approved, each step by the other edition. */
  build(wp: string, lane: string, first: string, second: string): void {
    const on = ['--mission', SLUG]
    const tasks = (program: string, ...words: string[]): string =>
      this.run(program, 'agent', 'tasks', ...words, ...on)
    this.run(first, 'agent', 'action', 'implement', wp, '--agent', 'claude', ...on)
    this.expectLanes(`${wp} begun`, [wp, 'in_progress'])
    this.write(wp, lane)
    tasks(second, 'mark-status', `T${wp.slice(2)}1`, '--status', 'done')
    tasks(second, 'move-task', wp, '--to', 'for_review', '--note', 'ready')
    this.expectLanes(`${wp} handed over`, [wp, 'for_review'])
    this.run(first, 'agent', 'action', 'review', wp, '--agent', 'codex', ...on)
    this.expectLanes(`${wp} claimed for review`, [wp, 'in_review'])
    tasks(second, 'move-task', wp, '--to', 'approved', '--note', 'good', '--agent', 'codex')
    this.expectLanes(`${wp} approved`, [wp, 'approved'])
  }

  expectMerged(): void {
    const { root, git, file } = this.repository
    this.expectLanes('merged', ['WP01', 'done'], ['WP02', 'done'])
    for (const wp of ['WP01', 'WP02']) {
      expect(readFileSync(join(root, 'src', wp, 'file.txt'), 'utf8')).toBe(`${wp}\n`)
    }
    expect(JSON.parse(readFileSync(file('meta.json'), 'utf8')).mission_number).toBe(1)
    expect(git('branch', '--show-current')).toBe('work')
  }
}

describe.skipIf(python.program === undefined)(`two editions in turns ${python.reason}`, () => {
  const edition = String(python.program)
  test.each([
    { begins: 'the Python edition', first: edition, second: PROGRAM },
    { begins: 'ours', first: PROGRAM, second: edition },
  ])('$begins begins, the other continues, the first finishes', { timeout: 600_000 }, ({ first, second }) => {
    const story = new Story()
    try {
      story.prepare(first)
      story.expectLanes('finalized')
      story.build('WP01', 'lane-a', first, second)
      story.build('WP02', 'lane-b', second, first)
      story.run(first, 'merge', '--mission', SLUG, '--yes')
      story.expectMerged()
    } finally {
      story.repository.cleanup()
    }
  })
})
