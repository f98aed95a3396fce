import { execSync } from 'node:child_process'
import { FinalizeTasks, FinalizeTasksPreview, SeedTasks } from '@spec-kitty/contracts/cli/finalize-tasks'
import { AcceptanceMatrix } from '@spec-kitty/contracts/files/acceptance'
import { LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import { seedTasks } from '@spec-kitty/core/mission/seed-tasks'
import { addMission, addProject, advance, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { parse } from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

const SPEC = `# Spec

| ID | Title | Description |
|---|---|---|
| FR-001 | Add | adds two numbers |
| FR-002 | Sub | subtracts |

- **NFR-001**: fast
`
const TASKS = `# Tasks

## Work Package WP01: Core

**Requirement Refs**: FR-001
**Dependencies**: None

- [ ] T001 add

## Work Package WP02: Sub

**Requirement Refs**: FR-002, NFR-001
**Dependencies**: WP01

- [ ] T002 sub
`
const wp = (id: string, own: string, extra = '') =>
  `---\nwork_package_id: ${id}\ntitle: ${own}\n${extra}subtasks:\n- T001\nexecution_mode: code_change\nowned_files:\n- src/${own}/**\nauthoritative_surface: src/${own}/\n---\n\n# ${id}\n\nDo it.\n`

let world: World
let slug: string
let dir: string

beforeEach(async () => {
  world = createWorld()
  addProject(world)
  world.commit()
  const run = await runCli(world, ['agent', 'mission', 'create', 'demo', '--json'])
  slug = (run.json as { mission_slug: string }).mission_slug
  dir = `kitty-specs/${slug}`
  world.write(`${dir}/spec.md`, SPEC)
  world.write(`${dir}/tasks.md`, TASKS)
  world.write(`${dir}/tasks/WP01-core.md`, wp('WP01', 'core'))
  world.write(`${dir}/tasks/WP02-sub.md`, wp('WP02', 'sub'))
})
afterEach(() => world.cleanup())

const run = (...words: string[]) => runCli(world, ['agent', 'mission', 'finalize-tasks', '--json', ...words])
const finalize = async (...words: string[]) => {
  const done = await run(...words)
  expect(done.status, done.stdout).toBe(0)
  return parse(FinalizeTasks, done.json)
}
interface Refusal {
  readonly error: string
  readonly problems: readonly { readonly code: string; readonly message: string; readonly hint: string }[]
  readonly [key: string]: unknown
}
/** Refused, and nothing written. */
const refused = async (...words: string[]): Promise<Refusal> => {
  const before = [world.git('rev-parse', 'HEAD'), world.git('status', '--porcelain'), world.git('diff')]
  const done = await run(...words)
  expect(done.status).toBe(1)
  expect([world.git('rev-parse', 'HEAD'), world.git('status', '--porcelain'), world.git('diff')]).toEqual(
    before,
  )
  return done.json as Refusal
}
const codes = (refusal: Refusal) => refusal.problems.map(problem => problem.code)
const rows = () =>
  world
    .read(`${dir}/status.events.jsonl`)
    .trimEnd()
    .split('\n')
    .map(row => JSON.parse(row))

describe('finalize-tasks', () => {
  it('writes everything in one commit and leaves the tree clean', async () => {
    const before = world.git('rev-list', '--count', 'HEAD')
    const result = await finalize()
    expect(result).toMatchObject({
      wp_count: 2,
      updated_wp_count: 2,
      modified_wps: ['WP01', 'WP02'],
      commit_created: true,
      commit_hash: world.git('rev-parse', 'HEAD'),
      dependencies_parsed: { WP01: [], WP02: ['WP01'] },
      requirement_refs_parsed: { WP01: ['FR-001'], WP02: ['FR-002', 'NFR-001'] },
      bootstrap: { total_wps: 2, newly_seeded: 2, already_initialized: 0 },
      lanes: { computed: true, count: 2, lane_ids: ['lane-a', 'lane-b'] },
      ownership_warnings: [
        "WP01: owned_files glob 'src/core/**' matches zero files in the repository",
        "WP02: owned_files glob 'src/sub/**' matches zero files in the repository",
      ],
    })
    expect(Number(world.git('rev-list', '--count', 'HEAD'))).toBe(Number(before) + 1)
    expect(world.git('log', '-1', '--format=%s')).toBe(`Add tasks for feature ${slug}`)
    expect(world.git('status', '--porcelain')).toBe('')
    expect(result.files_committed.toSorted()).toEqual(
      world.git('show', '--name-only', '--format=', 'HEAD').split('\n').toSorted(),
    )
    expect(parse(LanesJson, JSON.parse(world.read(`${dir}/lanes.json`))).lanes[1]?.depends_on_lanes).toEqual([
      'lane-a',
    ])
    const matrix = parse(AcceptanceMatrix, JSON.parse(world.read(`${dir}/acceptance-matrix.json`)))
    expect(matrix.criteria.map(item => [item.criterion_id, item.description])).toEqual([
      ['FR-001', 'Add: adds two numbers'],
      ['FR-002', 'Sub: subtracts'],
    ])
  })

  it('completes the front matter and keeps every other byte', async () => {
    await finalize()
    expect(world.read(`${dir}/tasks/WP02-sub.md`)).toBe(
      wp('WP02', 'sub').replace(
        /\n---\n\n/,
        `\ndependencies:\n- WP01\nrequirement_refs:\n- FR-002\n- NFR-001\nplanning_base_branch: main\nmerge_target_branch: main\nbranch_strategy: Planning artifacts for this mission were generated on main. During /spec-kitty.implement this WP may branch from a dependency-specific base, but completed changes must merge back into main unless the human explicitly redirects the landing branch.\n---\n\n`,
      ),
    )
  })

  it('tells the log once what happened', async () => {
    await finalize()
    await finalize()
    expect(
      rows().map(row => row.event_type ?? `${row.wp_id} ${row.from_lane}->${row.to_lane} ${row.actor}`),
    ).toEqual([
      'MissionCreated',
      'SpecifyStarted',
      'TasksStarted',
      'WPCreated',
      'WPCreated',
      'TasksCompleted',
      'WP01 genesis->planned finalize-tasks',
      'WP02 genesis->planned finalize-tasks',
    ])
    expect(rows()[4].payload).toMatchObject({
      depends_on: ['WP01'],
      wp_path: `${dir}/tasks/WP02-sub.md`,
      wp_title: 'sub',
    })
  })

  it('commits nothing when nothing but the time of computing differs', async () => {
    await finalize()
    const head = world.git('rev-parse', 'HEAD')
    expect(await finalize()).toMatchObject({
      updated_wp_count: 0,
      unchanged_wps: ['WP01', 'WP02'],
      commit_created: false,
      commit_hash: null,
      files_committed: [],
      bootstrap: { newly_seeded: 0, already_initialized: 2 },
    })
    expect([world.git('rev-parse', 'HEAD'), world.git('status', '--porcelain')]).toEqual([head, ''])
  })

  it('only looks with --validate-only', async () => {
    world.commit()
    const done = await run('--validate-only')
    const preview = parse(FinalizeTasksPreview, done.json)
    expect(preview).toMatchObject({
      result: 'validation_passed',
      wp_count: 2,
      validation: { bootstrap_preview: { newly_seeded: 2 }, lanes_preview: { count: 2 } },
    })
    expect(preview.would_modify[1]?.changes).toMatchObject({
      dependencies: ['WP01'],
      planning_base_branch: 'main',
    })
    expect([world.git('status', '--porcelain'), world.exists(`${dir}/lanes.json`)]).toEqual(['', false])
  })

  it('keeps dependencies that only the front matter states, and ones that only tasks.md states', async () => {
    world.write(`${dir}/tasks.md`, TASKS.replace('**Dependencies**: WP01\n', ''))
    world.write(`${dir}/tasks/WP02-sub.md`, wp('WP02', 'sub', 'dependencies: [WP01]\n'))
    expect((await finalize()).dependencies_parsed).toEqual({ WP01: [], WP02: ['WP01'] })
    expect((await finalize()).preserved_wps).toEqual(['WP02'])
    world.write(`${dir}/tasks.md`, TASKS)
    world.write(`${dir}/tasks/WP02-sub.md`, wp('WP02', 'sub', 'dependencies: []\n'))
    expect((await finalize()).dependencies_parsed).toEqual({ WP01: [], WP02: ['WP01'] })
  })

  it('works on an unborn branch', async () => {
    world.cleanup()
    world = createWorld()
    world.write('.git/info/exclude', '.kittify/\n')
    addMission(world, { events: false, lanes: false, spec: SPEC, tasksMd: TASKS, deps: { WP02: ['WP01'] } })
    dir = `kitty-specs/${MISSION_SLUG}`
    const result = await finalize()
    expect([result.commit_created, result.files_committed.length > 5]).toEqual([true, true])
  })

  it('leaves everything uncommitted when asked', async () => {
    expect(await finalize('--no-auto-commit')).toMatchObject({ commit_created: false })
    expect(world.git('status', '--porcelain')).toContain('lanes.json')
  })

  it('infers what the front matter leaves out', async () => {
    world.write(
      `${dir}/tasks/WP01-core.md`,
      '---\nwork_package_id: WP01\ntitle: a\n---\n\nEdit `src/core/add.ts`.\n',
    )
    world.write(
      `${dir}/tasks/WP02-sub.md`,
      '---\nwork_package_id: WP02\ntitle: b\nauthoritative_surface: src/sub/\n---\n',
    )
    const result = await finalize()
    expect(result.ownership_warnings[0]).toBe(
      'WP01: owned_files was not given; taken from its text: src/core/**',
    )
    expect(world.read(`${dir}/tasks/WP01-core.md`)).toContain(
      'execution_mode: code_change\nowned_files:\n- src/core/**\nauthoritative_surface: src/core/\n',
    )
    expect(world.read(`${dir}/tasks/WP02-sub.md`)).toContain('owned_files:\n- src/sub/**\n')
  })

  it('warns of another open mission that touches the same paths', async () => {
    addMission(world, { slug: 'other-01KQW4DF', wps: ['WP01'] })
    world.write(
      'kitty-specs/other-01KQW4DF/lanes.json',
      world.read('kitty-specs/other-01KQW4DF/lanes.json').replace('src/wp01/**', 'src/**'),
    )
    expect((await finalize('--mission', slug)).ownership_warnings).toContain(
      "WP01: 'src/core/**' overlaps 'src/**' of mission other-01KQW4DF, which is still open",
    )
    // A finished mission, or one whose lanes cannot be read, is no trouble of ours.
    world.write('kitty-specs/other-01KQW4DF/status.json', '{"work_packages": {"WP01": {"lane": "done"}}}')
    expect((await finalize('--mission', slug)).ownership_warnings.join()).not.toContain('other-')
    world.write('kitty-specs/other-01KQW4DF/status.json', 'torn')
    world.write('kitty-specs/other-01KQW4DF/lanes.json', 'torn')
    expect((await finalize('--mission', slug)).ownership_warnings.join()).not.toContain('other-')
  })

  it('is the remedy for a lanes.json that cannot be read', async () => {
    await finalize()
    const good = world.read(`${dir}/lanes.json`)
    world.write(`${dir}/lanes.json`, '{"torn')
    const result = await finalize()
    expect(result.ownership_warnings[0]).toMatch(/^Cannot read .*lanes\.json: .*; it is computed anew$/)
    const strip = (text: string) => text.replace(/"computed_at": "[^"]*"/, '')
    expect(strip(world.read(`${dir}/lanes.json`))).toBe(strip(good))
  })

  it('writes the branch that the mission did not name', async () => {
    const meta = JSON.parse(world.read(`${dir}/meta.json`))
    delete meta.target_branch
    world.write(`${dir}/meta.json`, `${JSON.stringify(meta)}\n`)
    expect(await refused2()).toMatchObject({ error_code: 'PLANNING_BRANCH_NOT_PERSISTED' })
    await finalize('--target-branch', 'release')
    expect(JSON.parse(world.read(`${dir}/meta.json`)).target_branch).toBe('release')
    expect(JSON.parse(world.read(`${dir}/lanes.json`)).target_branch).toBe('release')
  })
  const refused2 = async () => {
    const done = await run()
    expect(done.status).toBe(1)
    return done.json
  }
})

describe('finalize-tasks refuses', () => {
  it('overlapping ownership', async () => {
    world.write(`${dir}/tasks/WP02-sub.md`, wp('WP02', 'core/x'))
    expect(await refused()).toMatchObject({
      error: 'Ownership validation failed',
      code: 'tasks_invalid',
      ownership_errors: ["Overlap: WP01 ('src/core/**') and WP02 ('src/core/x/**') claim overlapping paths."],
    })
    world.write(`${dir}/tasks/WP02-sub.md`, wp('WP02', 'core/x', 'scope: codebase-wide\n'))
    expect((await finalize()).lanes).toMatchObject({ count: 1, collapse_report: { total_merges: 1 } })
  })

  it('a single file that does not exist, and names the line that allows it', async () => {
    const text = wp('WP02', 'sub').replace('src/sub/**', 'src/sub/x.py')
    world.write(`${dir}/tasks/WP02-sub.md`, text)
    const answer = await refused()
    expect(answer).toMatchObject({
      ownership_literal_path_errors: [expect.stringContaining('matches zero files')],
    })
    const line = /create_intent:\n- src\/sub\/x\.py/.exec(answer.problems[0]?.hint ?? '')?.[0]
    world.write(`${dir}/tasks/WP02-sub.md`, text.replace('subtasks:', `${line}\nsubtasks:`))
    await finalize()
  })

  it('a plan that is still the form, unless packages are planned already', async () => {
    const form = '## Technical Context\n\n**Language/Version**: [e.g., Python]\n'
    world.write(`${dir}/plan.md`, form)
    expect((await refused()).problems).toMatchObject([
      { code: 'mission_incomplete', message: 'plan.md is empty or still the form it began as' },
    ])
    world.write(`${dir}/plan.md`, `${form}**Storage**: none\n`.replace('[e.g., Python]', 'Python [e.g. 3]'))
    await finalize()
    world.write(`${dir}/plan.md`, form)
    await finalize()
  })

  it('files of missions, and a surface outside of what is owned', async () => {
    world.write(`${dir}/tasks/WP02-sub.md`, wp('WP02', 'sub').replace('src/sub/**', 'kitty-specs/x.md'))
    const answer = await refused()
    expect(answer).toMatchObject({
      error_code: 'INVALID_WP_OWNED_FILES_KITTY_SPECS',
      invalid_owned_files: [{ wp_id: 'WP02', path: 'kitty-specs/x.md' }],
      ownership_errors: [
        "WP02: authoritative_surface 'src/sub/' is not a prefix of any owned_files entry: ['kitty-specs/x.md']",
      ],
    })
    expect(codes(answer)).toEqual(['owned_mission_files', 'surface_outside_ownership', 'owned_path_missing'])
  })

  it('requirements that are unknown, missing or brought by nobody', async () => {
    world.write(
      `${dir}/tasks.md`,
      TASKS.replace('FR-002, NFR-001', 'FR-009').replace('**Requirement Refs**: FR-001\n', ''),
    )
    expect(await refused()).toMatchObject({
      error: 'Requirement mapping validation failed',
      missing_requirement_refs_wps: ['WP01'],
      unknown_requirement_refs: { WP02: ['FR-009'] },
      unmapped_functional_requirements: ['FR-001', 'FR-002'],
      dependencies_parsed: { WP01: [], WP02: ['WP01'] },
    })
    world.write(`${dir}/spec.md`, 'No numbers here.\n')
    await finalize()
  })

  it('cycles and unknown dependencies', async () => {
    world.write(`${dir}/tasks.md`, TASKS.replace('**Dependencies**: None', '**Dependencies**: WP02, WP09'))
    expect(await refused()).toMatchObject({
      error: 'Circular dependencies detected: WP01 -> WP02 -> WP01',
      cycles: [['WP01', 'WP02', 'WP01']],
      wp_id: 'WP01',
      errors: ['Dependency WP09 not found in graph'],
    })
    world.write(`${dir}/tasks.md`, TASKS.replace('**Dependencies**: WP01', '**Dependencies**: WP02'))
    expect((await refused()).cycles).toEqual([['WP02', 'WP02']])
  })

  it('two statements that differ', async () => {
    world.write(`${dir}/tasks/WP01-core.md`, wp('WP01', 'core', 'dependencies: []\n'))
    world.write(`${dir}/tasks/WP03-c.md`, wp('WP03', 'c', 'dependencies: [WP02]\n'))
    world.write(
      `${dir}/tasks.md`,
      `${TASKS}\n## WP03\n\n**Requirement Refs**: FR-001\n**Dependencies**: WP01\n`,
    )
    expect((await refused()).dependency_conflicts).toEqual([
      'WP03: front matter says WP02, tasks.md says WP01',
    ])
  })

  it('files and sections that do not match', async () => {
    world.write(`${dir}/tasks/WP03-c.md`, wp('WP03', 'c'))
    world.write(`${dir}/tasks/WP01-again.md`, wp('WP01', 'again'))
    world.write(`${dir}/tasks.md`, TASKS.replace('WP02: Sub', 'WP04: Sub'))
    const answer = await refused()
    expect(answer).toMatchObject({ missing_wp_sections: ['WP02', 'WP03'], extra_wp_sections: ['WP04'] })
    expect(codes(answer)).toContain('duplicate_work_package')
  })

  it('front matter that cannot be read, with file and line, beside all other problems', async () => {
    world.write(`${dir}/tasks/WP02-sub.md`, '---\nwork_package_id: WP02\ntitle: "open\n---\n')
    world.write(`${dir}/tasks/WP01-core.md`, wp('WP01', 'core').replace('src/core/**', 'src/core/x.py'))
    const answer = await refused()
    expect(codes(answer)).toEqual(['file_malformed', 'requirement_mapping', 'owned_path_missing'])
    expect(answer.problems[0]?.message).toMatch(/WP02-sub\.md:\d+: /)
    const text = await runCli(world, ['agent', 'mission', 'finalize-tasks'])
    expect(text.stderr.match(/^ {2}- /gm)).toHaveLength(3)
    expect(text.stdout).toBe('')
  })

  it.each([
    ['spec.md', /^spec\.md not found: /],
    ['tasks.md', /^tasks\.md not found: /],
  ])('a mission without %s', async (name, message) => {
    world.git('rm', '-q', '-f', '--ignore-unmatch', `${dir}/${name}`)
    world.write('gone', '')
    const { rmSync } = await import('node:fs')
    rmSync(`${world.root}/${dir}/${name}`, { force: true })
    expect((await refused()).error).toMatch(message)
  })

  it('packages with conflicts that were committed come back by one line', async () => {
    await finalize()
    for (const [name, id] of [
      ['core', 'WP01'],
      ['sub', 'WP02'],
    ] as const)
      world.write(`${dir}/tasks/${id}-${name}.md`, `---\n<<<<<<< ours\na: b\n>>>>>>> theirs\n---\n`)
    world.commit()
    const { hint } = await refused()
    execSync(String(hint).split('copies: ')[1] ?? 'false', { cwd: world.root, env: world.env })
    await finalize()
  })

  it('a mission that has begun gets back what a commit took out', async () => {
    await finalize()
    for (const names of [['spec.md', 'tasks.md', 'tasks'], ['tasks/WP01-core.md'], ['tasks']]) {
      world.git('rm', '-rq', ...names.map(name => `${dir}/${name}`))
      world.commit()
      const { hint } = await refused()
      execSync(String(hint).split(/^Put .*?: /)[1] ?? 'false', { cwd: world.root, env: world.env })
      await finalize()
    }
  })

  it('a mission without work packages', async () => {
    const { rmSync } = await import('node:fs')
    rmSync(`${world.root}/${dir}/tasks`, { recursive: true })
    expect((await refused()).error).toMatch(/WP\*\.md not found/)
  })

  it('to move a work package that was started', async () => {
    world.cleanup()
    world = createWorld()
    addMission(world, { spec: 'none\n' })
    advance(world, 'WP01', 'in_progress', 10)
    advance(world, 'WP02', 'in_progress', 20)
    dir = `kitty-specs/${MISSION_SLUG}`
    const second = `${dir}/tasks/WP02-demo.md`
    world.commit()
    world.write(second, world.read(second).replaceAll('WP02/**', 'WP01/**').replaceAll('wp02/**', 'wp01/**'))
    expect((await refused()).problems.map(problem => problem.message)).toContain(
      'WP02 is in_progress in lane-b, but would move to lane-a',
    )
  })

  it('a protected branch', async () => {
    world.write('.kittify/config.yaml', 'protected_branches: [main]\n')
    expect((await refused()).code).toBe('protected_branch')
    expect((await run('--validate-only')).status).toBe(0)
  })
})

describe('finalize-tasks again', () => {
  const lanes = () =>
    parse(LanesJson, JSON.parse(world.read(`${dir}/lanes.json`))).lanes.map(lane => [
      lane.lane_id,
      lane.wp_ids,
    ])
  const begin = (options: Parameters<typeof addMission>[1]) => {
    world.cleanup()
    world = createWorld()
    dir = addMission(world, { spec: 'none\n', ...options })
  }

  it('leaves a lane with work to its package', async () => {
    begin({})
    advance(world, 'WP02', 'in_progress', 10)
    const first = `${dir}/tasks/WP01-demo.md`
    world.write(first, world.read(first).replace('code_change', 'planning_artifact'))
    world.commit()
    expect((await run()).status).toBe(0)
    expect(lanes()).toContainEqual(['lane-b', ['WP02']])
  })

  it('gives nobody the name of a branch that is there', async () => {
    begin({ lanes: false })
    world.commit()
    world.git('branch', `kitty/mission-${MISSION_SLUG}-lane-a`)
    expect((await run()).status).toBe(0)
    expect(lanes()).toEqual([
      ['lane-b', ['WP01']],
      ['lane-c', ['WP02']],
    ])
  })
})

describe('the text form', () => {
  it('says what was done and what is next', async () => {
    expect((await runCli(world, ['tasks', '--validate-only'])).stdout).toMatch(
      /^2 work packages in 2 lanes are valid; nothing was written\.\nWould complete:\n {2}WP01: /,
    )
    const done = await runCli(world, ['tasks'])
    expect(done.stdout).toMatch(
      /^Finalized demo-\w+: 2 work packages in 2 lanes \(lane-a, lane-b\), 2 newly planned\.\nCommitted /,
    )
    expect(done.stdout).toMatch(/Next: spec-kitty agent action implement WP01 --agent NAME --mission demo-/)
    expect((await runCli(world, ['tasks'])).stdout).toContain('Nothing to commit.')
  })
})

describe('agent tasks finalize-tasks', () => {
  it('writes dependencies and first events, and nothing of lanes', async () => {
    const preview = parse(SeedTasks, await seedTasks(world.ports, { validateOnly: true }))
    expect(preview).toMatchObject({
      result: 'validation_passed',
      dependencies: { WP01: [], WP02: ['WP01'] },
      bootstrap: { newly_seeded: 2, wp_details: { WP01: 'would_seed' } },
      would_modify: [{ wp_id: 'WP01' }, { wp_id: 'WP02', changes: { dependencies: ['WP01'] } }],
    })
    const done = parse(SeedTasks, await seedTasks(world.ports, {}))
    expect(done).toMatchObject({
      result: 'success',
      modified_wps: ['WP01', 'WP02'],
      bootstrap: { newly_seeded: 2 },
    })
    expect(world.exists(`${dir}/lanes.json`)).toBe(false)
    expect(await seedTasks(world.ports, {})).toMatchObject({
      updated_wp_count: 0,
      bootstrap: { newly_seeded: 0, already_initialized: 2, wp_details: { WP01: 'already_exists' } },
    })
  })

  it('refuses a cycle', async () => {
    world.write(`${dir}/tasks.md`, TASKS.replace('**Dependencies**: None', '**Dependencies**: WP02'))
    await expect(seedTasks(world.ports, {})).rejects.toMatchObject({ code: 'tasks_invalid' })
  })
})
