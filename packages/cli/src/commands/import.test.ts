import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Import } from '@spec-kitty/contracts/cli/import'
import { IGNORED } from '@spec-kitty/host/testing/lanes'
import { addProject } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

let world: World
beforeEach(() => {
  world = createWorld()
  world.write('.gitignore', IGNORED)
  addProject(world)
})
afterEach(() => world.cleanup())

/** Imports, and holds what every import must hold: one commit, a clean tree, the source as it was. */
async function imported(...words: string[]): Promise<Import> {
  world.commit('source')
  const before = world.git('rev-parse', 'HEAD')
  const { json, status, stdout, stderr } = await runCli(world, ['import', ...words, '--json'])
  expect(status, stdout + stderr).toBe(0)
  expect(world.git('status', '--porcelain')).toBe('')
  expect(world.git('rev-list', '--count', `${before}..HEAD`)).toBe('1')
  expect(world.git('diff', '--name-only', before, 'HEAD', '--', 'specs', 'openspec')).toBe('')
  return v.parse(v.strictObject(Import.entries), json)
}

const read = (slug: string, file: string) => readFileSync(join(world.root, 'kitty-specs', slug, file), 'utf8')
const packages = (slug: string) =>
  world
    .git('ls-files', `kitty-specs/${slug}/tasks/WP*`)
    .split('\n')
    .map(path => {
      const text = readFileSync(join(world.root, path), 'utf8')
      const list = (key: string) => JSON.parse(new RegExp(`^${key}: (.*)$`, 'm').exec(text)?.[1] ?? '[]')
      return { deps: list('dependencies'), tasks: list('subtasks'), owned: list('owned_files') }
    })

it('takes nothing over through a link: it would be committed', async () => {
  world.write('elsewhere/secret.md', 'SECRET\n')
  const outside = join(world.root, '..', 'secret.md')
  writeFileSync(outside, 'SECRET\n')
  const change = 'openspec/changes/add-x'
  world.write(`${change}/proposal.md`, '# X\n\n## Why\n\nx\n')
  symlinkSync(outside, join(world.root, change, 'design.md'))
  symlinkSync(outside, join(world.root, change, 'tasks.md'))
  symlinkSync(join(world.root, 'elsewhere'), join(world.root, change, 'specs'))
  const { items, missions } = await imported('--from', 'openspec', '--allow-empty')
  const left = items.filter(({ note }) => note === 'a link is not followed').map(({ source }) => source)
  expect(left).toEqual(['design.md', 'specs', 'tasks.md'])
  expect(items.filter(({ became }) => became === 'plan.md, byte for byte')).toEqual([])
  expect(world.git('grep', '-l', 'SECRET', 'HEAD')).toBe('HEAD:elsewhere/secret.md')
  symlinkSync('/etc', join(world.root, 'specs'))
  const nothing = await runCli(world, ['import', '--from', 'spec-kit', '--json'])
  expect(nothing.json).toMatchObject({ code: 'invalid_input' })
  expect(missions).toHaveLength(1)
})

const SPEC = `# Feature Specification: Photo Albums
### User Story 1 - Make an album (Priority: P1)
- **FR-001**: System MUST let people make albums
- **FR-002**: System MUST keep albums for [NEEDS CLARIFICATION: how long]
- **SC-001**: An album is made in under 10 seconds
`

describe('import of spec-kit', () => {
  it('makes a package of each phase; the last waits for all, stories for what all build on', async () => {
    world.write('specs/004-photo-albums/spec.md', SPEC)
    world.write('specs/004-photo-albums/plan.md', '# Plan\r\n\r\n## Technical Context\r\n\r\nTypeScript\r\n')
    world.write('specs/004-photo-albums/contracts/api.yaml', 'a: 1\r\n')
    world.write(
      'specs/004-photo-albums/tasks.md',
      [
        '## Phase 1: Setup (Shared Infrastructure)',
        '- [x] T001 Create project structure',
        '## Phase 2: Foundational (Blocking Prerequisites)',
        '- [ ] T002 [P] Add store in src/store.ts',
        '## Phase 3: User Story 1 - Make an album (Priority: P1)',
        '- [ ] T003 [P] [US1] Album model in src/album.ts',
        '## Phase 4: User Story 2 - Share it (Priority: P2)',
        '- [ ] T004 [US2] Screen in src/screen.ts (depends on T002)',
        '**Checkpoint**: both work',
        '## Phase 5: Polish',
        '- [ ] T005 Docs in docs/albums.md',
        '## Dependencies & Execution Order',
        'Setup first',
      ].join('\n'),
    )
    const { missions, items } = await imported()
    const slug = missions[0]?.mission_slug ?? ''
    expect(missions).toMatchObject([
      { work_packages: 5, tasks: 5, requirements: 2, decisions: 1, already: false },
    ])
    expect(slug).toMatch(/^photo-albums-/)
    expect(packages(slug)).toEqual([
      { deps: [], tasks: ['T001'], owned: [] },
      { deps: ['WP01'], tasks: ['T002'], owned: ['src/store.ts'] },
      { deps: ['WP02'], tasks: ['T003'], owned: ['src/album.ts'] },
      { deps: ['WP02'], tasks: ['T004'], owned: ['src/screen.ts'] },
      { deps: ['WP01', 'WP02', 'WP03', 'WP04'], tasks: ['T005'], owned: ['docs/albums.md'] },
    ])
    expect(read(slug, 'spec.md')).toBe(SPEC)
    expect(read(slug, 'plan.md')).toContain('\r\n')
    expect(read(slug, 'contracts/api.yaml')).toBe('a: 1\r\n')
    expect(read(slug, 'tasks.md')).toContain('- [x] T001 Create project structure')
    expect(read(slug, 'tasks/WP04-user-story-2-share-it-priority-p2.md')).toContain(
      '**Checkpoint**: both work',
    )
    expect(JSON.parse(read(slug, 'decisions/index.json')).entries).toMatchObject([
      { question: 'how long', status: 'open' },
    ])
    expect(items.filter(item => item.became === null)).toEqual([])
    expect(items).toContainEqual(
      expect.objectContaining({
        what: 'section "Dependencies & Execution Order"',
        became: 'imported/tasks.md',
      }),
    )
    const finalized = await runCli(world, ['agent', 'mission', 'finalize-tasks', '--mission', slug, '--json'])
    expect(finalized.status, finalized.stdout).toBe(0)
  })

  it('reads what people made of it: colons, stars, a double id, tasks before a heading, CRLF, another language', async () => {
    world.write('specs/001-odd/spec.md', '# Odd\r\n- **FR-001**: odd\r\n')
    const lines = [
      '- [ ] T010: colon',
      '## 阶段 1：准备',
      '- [X] T011 done',
      '* [ ] T012 star',
      '- [ ] T011 again',
    ]
    world.write('specs/001-odd/tasks.md', lines.join('\r\n'))
    const { missions, warnings } = await imported('specs/001-odd', '--from', 'spec-kit')
    const slug = missions[0]?.mission_slug ?? ''
    expect(packages(slug).map(item => item.tasks)).toEqual([['T010'], ['T011', 'T012', 'T001']])
    expect(read(slug, 'tasks.md')).toContain('## WP01 - Tasks\n\n- [ ] T010 colon\n\n## WP02 - 准备\n')
    expect(warnings).toContain('T011 stands there twice: line 5 became T001')
    expect(read(slug, 'imported/tasks.md')).toContain('\r\n')
  })

  it('tells of a path that two packages write; --one-wp makes one package of all', async () => {
    world.write('specs/001-two/spec.md', '- **FR-001**: two\n')
    world.write('specs/001-two/tasks.md', '## A\n- [ ] T001 in src/a.ts\n## B\n- [ ] T002 in src/a.ts\n')
    world.commit('source')
    const { json } = await runCli(world, ['import', '--dry-run', '--json'])
    expect(json).toMatchObject({ dry_run: true })
    expect((json as Import).warnings.join()).toContain('WP01 and WP02 both write src/a.ts')
    expect(world.git('status', '--porcelain')).toBe('')
    expect((await imported('--one-wp')).missions).toMatchObject([{ work_packages: 1, tasks: 2 }])
  })
})

describe('import of OpenSpec', () => {
  const CHANGE = 'openspec/changes/add-bell'

  it('makes requirements of the deltas and a package of each group, one after the other', async () => {
    world.write(
      `${CHANGE}/proposal.md`,
      '## Why\nPeople miss the end. Really.\n## What Changes\n- Ring a bell\n',
    )
    world.write(
      `${CHANGE}/specs/auth/session/spec.md`,
      [
        '## ADDED Requirements',
        '### Requirement: Ring once',
        'The system SHALL ring once.',
        '#### Scenario: green build',
        '- **WHEN** a build ends',
        '## REMOVED Requirements',
        '### Requirement: Remember me',
        '**Reason**: unsafe',
        '## RENAMED Requirements',
        '- FROM: `### Requirement: Log out`',
        '- TO: `### Requirement: Sign out`',
      ].join('\n'),
    )
    world.write(
      `${CHANGE}/tasks.md`,
      '## 1. Sound\n- [x] 1.1 Add `src/bell.ts`\n- [ ] 1.2 Document `--bell` in `docs/usage.md`\n## 2. Wiring\n- [~] 2.1 Call it from `src/build.ts`\n',
    )
    world.write('openspec/changes/archive/2026-01-01-old/proposal.md', '## Why\nOld.\n')
    const { missions, warnings, items } = await imported()
    const slug = missions[0]?.mission_slug ?? ''
    expect(missions).toMatchObject([{ from: 'openspec', requirements: 2, work_packages: 2, tasks: 3 }])
    expect(packages(slug)).toEqual([
      { deps: [], tasks: ['T001', 'T002'], owned: ['src/bell.ts', 'docs/usage.md'] },
      { deps: ['WP01'], tasks: ['T003'], owned: ['src/build.ts'] },
    ])
    expect(read(slug, 'spec.md')).toContain(
      '- **FR-001**: Ring once. The system SHALL ring once.\n  Scenario: green build\n',
    )
    expect(read(slug, 'spec.md')).toContain('- **FR-002**: Remove: Remember me. **Reason**: unsafe')
    expect(read(slug, 'spec.md')).toContain('TO: `### Requirement: Sign out`')
    expect(JSON.parse(read(slug, 'meta.json'))).toMatchObject({
      purpose_tldr: 'People miss the end.',
      imported_from: 'openspec:openspec/changes/add-bell',
    })
    expect(warnings.join('\n')).toMatch(
      /"Remember me" is removed[\s\S]*"Sign out" became a note[\s\S]*a box with "~" counts as open/,
    )
    expect(items.filter(item => item.became === null).map(item => item.what)).toEqual(['archived changes'])
    const again = await runCli(world, ['import', '--json'])
    expect(again.json).toMatchObject({
      missions: [{ already: true, mission_slug: slug }],
      items: [],
      next: [],
    })
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('takes old changes without deltas; without any requirement it asks', async () => {
    world.write(`${CHANGE}/tasks.md`, '## Setup\n- [X] prepare\n* [ ] starred\ntext without a box\n')
    world.commit('source')
    const refused = await runCli(world, ['import', '--json'])
    expect(refused).toMatchObject({ status: 1, json: { code: 'invalid_input' } })
    expect(world.git('status', '--porcelain')).toBe('')
    const { missions } = await imported('--allow-empty')
    expect(read(missions[0]?.mission_slug ?? '', 'tasks/WP01-setup.md')).toContain('text without a box')
    world.write('openspec/changes/other/proposal.md', '## What Changes\n- Ring a bell\n')
    expect((await imported('openspec/changes/other')).missions).toMatchObject([{ requirements: 1 }])
  })
})

it.each([
  ['nothing there', () => {}, 'No specification of spec-kit or openspec'],
  [
    'both tools',
    () => {
      world.write('specs/001-a/spec.md', '- **FR-001**: a\n')
      world.write('openspec/changes/b/proposal.md', '## Why\nb\n')
    },
    'has specifications of spec-kit and of OpenSpec',
  ],
])('refuses with %s', async (_, prepare, words) => {
  prepare()
  world.commit('source')
  const { status, json } = await runCli(world, ['import', '--json'])
  expect(status).toBe(1)
  expect(String((json as { error: string }).error)).toContain(words)
})
