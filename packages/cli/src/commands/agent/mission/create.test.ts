import { MissionCreate } from '@spec-kitty/contracts/cli/mission-create'
import { freeId } from '@spec-kitty/core/mission/create'
import { addProject } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { parse } from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

let world: World
beforeEach(() => {
  world = createWorld()
  addProject(world)
})
afterEach(() => world.cleanup())

const create = (...words: string[]) => runCli(world, ['agent', 'mission', 'create', ...words, '--json'])
const made = async (...words: string[]) => {
  const run = await create(...words)
  expect(run.status, run.stdout).toBe(0)
  return parse(MissionCreate, run.json)
}

describe('mission create', () => {
  it('makes the first commit of an empty repository and leaves the tree clean', async () => {
    world.cleanup()
    world = createWorld()
    world.write('.kittify/config.yaml', 'agents:\n  available: [claude]\n')
    world.write('.gitignore', '.kittify/\n.gitignore\n')
    const result = await made('hello')
    expect(world.git('status', '--porcelain')).toBe('')
    expect(world.git('log', '--format=%s')).toBe(`Add meta for feature ${result.mission_slug}`)
    expect(result).toMatchObject({
      target_branch: 'main',
      branch_matches_target: true,
      coordination_branch: null,
    })
  })

  it('writes the files that the Python edition reads, byte for byte', async () => {
    const result = await made(
      'calc-cli',
      '--friendly-name',
      'Calc CLI',
      '--purpose-tldr',
      'Small',
      '--purpose-context',
      'Tiny.',
    )
    const slug = result.mission_slug
    expect(slug).toBe(`calc-cli-${result.mission_id.slice(0, 8)}`)
    expect(world.read(`kitty-specs/${slug}/meta.json`)).toBe(`{
  "created_at": "${result.created_at}",
  "friendly_name": "Calc CLI",
  "mission_id": "${result.mission_id}",
  "mission_number": null,
  "mission_slug": "${slug}",
  "mission_type": "software-dev",
  "purpose_context": "Tiny.",
  "purpose_tldr": "Small",
  "slug": "${slug}",
  "target_branch": "main",
  "topology": "lanes"
}
`)
    expect(world.read(`kitty-specs/${slug}/spec.md`)).toBe('')
    const rows = world
      .read(`kitty-specs/${slug}/status.events.jsonl`)
      .trimEnd()
      .split('\n')
      .map(row => JSON.parse(row))
    expect(rows.map(row => [row.event_type, row.aggregate_id])).toEqual([
      ['MissionCreated', result.mission_id],
      ['SpecifyStarted', slug],
    ])
    expect(Object.keys(rows[0].payload)).toEqual([
      'created_at',
      'friendly_name',
      'mission_id',
      'mission_number',
      'mission_slug',
      'mission_type',
      'purpose_context',
      'purpose_tldr',
      'target_branch',
      'wp_count',
    ])
    expect(rows[1].payload).toMatchObject({
      artifact_path: `kitty-specs/${slug}/spec.md`,
      at: expect.stringMatching(/Z$/),
    })
  })

  it('gives two missions of the same name two identities', async () => {
    const [one, two] = [await made('same'), await made('same')]
    expect(one.mission_slug === two.mission_slug).toBe(false)
  })

  it('takes the next free id within the same second', () => {
    const id = '01KQW4ZZ0000000000000000A1'
    expect(freeId(id, [])).toBe(id)
    expect(freeId(id, ['a-01KQW4ZZ', 'b-01KQW500'])).toBe('01KQW5010000000000000000A1')
  })

  it('drops a leading number but keeps a name that is one', async () => {
    expect((await made('068-thing')).mission_slug).toMatch(/^thing-/)
    expect((await made('123')).mission_slug).toMatch(/^123-/)
  })

  it('fills in the texts that are not given', async () => {
    expect(await made('x-y')).toMatchObject({
      friendly_name: 'x y',
      purpose_tldr: 'x y',
      purpose_context: expect.stringContaining('x y on main'),
    })
  })

  it.each([
    [['Bad Name'], /kebab-case/, 'For example: bad-name'],
    [['a--b'], /kebab-case/, 'For example: a-b'],
    [['x', '--friendly-name', ' '], /non-empty friendly_name/, undefined],
    [['x', '--purpose-tldr', ''], /purpose_tldr is required/, undefined],
    [['x', '--purpose-context', ''], /purpose_context is required/, undefined],
    [['x', '--target-branch', 'a..b'], /Invalid --target-branch/, undefined],
  ])('refuses %j and writes nothing', async (words, message, hint) => {
    const run = await create(...words)
    expect(run.status).toBe(1)
    expect(run.json).toMatchObject({ error: expect.stringMatching(message), code: 'invalid_input' })
    if (hint !== undefined) expect(run.json).toMatchObject({ hint })
    expect(world.exists('kitty-specs')).toBe(false)
  })

  it('starts a branch of its own and plans there', async () => {
    world.commit()
    const result = await made('x', '--start-branch', 'feat/x')
    expect(world.git('symbolic-ref', '--short', 'HEAD')).toBe('feat/x')
    expect(result).toMatchObject({ target_branch: 'feat/x', current_branch: 'feat/x' })
    expect(world.git('log', '--format=%s', 'main')).toBe('fixture')
    expect(world.git('log', '-1', '--format=%s', 'feat/x')).toMatch(/^Add meta/)
  })

  it('switches to a start branch that exists', async () => {
    world.commit()
    world.git('branch', 'ready')
    await made('x', '--start-branch', 'ready')
    expect(world.git('symbolic-ref', '--short', 'HEAD')).toBe('ready')
  })

  it.each([
    [['--start-branch', 'bad..name'], 'START_BRANCH_FAILED'],
    [['--start-branch', 'a1', '--target-branch', 'b1'], 'START_BRANCH_TARGET_MISMATCH'],
    [['--pr-bound'], 'BRANCH_STRATEGY_CONFIRMATION_REQUIRED'],
  ])('refuses %j', async (words, code) => {
    const run = await create('x', ...words)
    expect([run.status, (run.json as { error_code: string }).error_code]).toEqual([1, code])
    expect(world.exists('kitty-specs')).toBe(false)
  })

  it('records that it ends in a pull request', async () => {
    const result = await made('x', '--pr-bound', '--start-branch', 'feat/x')
    expect(JSON.parse(world.read(`kitty-specs/${result.mission_slug}/meta.json`)).pr_bound).toBe(true)
  })

  it('refuses a target that nobody has made', async () => {
    world.commit()
    const words = ['alpha', '--target-branch', 'nope']
    expect(await create(...words)).toMatchObject({ status: 1, json: { hint: 'git branch nope' } })
    world.git('branch', 'nope')
    expect((await made(...words)).target_branch).toBe('nope')
  })

  it('refuses a detached HEAD', async () => {
    world.commit()
    world.git('switch', '-q', '--detach')
    const run = await create('x')
    expect([run.status, run.json]).toEqual([1, expect.objectContaining({ code: 'detached_head' })])
  })

  it('refuses the worktree of a lane, and works where the hint leads', async () => {
    world.commit()
    world.git('worktree', 'add', '-q', '-b', 'lane', '.worktrees/x-lane-a')
    const words = ['agent', 'mission', 'create', 'x', '--json']
    const run = await runCli({ ports: world.at('.worktrees/x-lane-a') }, words)
    expect([run.status, run.json]).toEqual([
      1,
      expect.objectContaining({ code: 'in_worktree', hint: `cd ${world.root}` }),
    ])
    expect((await runCli({ ports: world.at(world.root) }, words)).status).toBe(0)
  })

  const branch = () => world.git('symbolic-ref', '--short', 'HEAD')
  const configure = (text: string) => {
    world.write('.kittify/config.yaml', text)
    world.commit()
  }

  it('begins beside a protected branch, and says so', async () => {
    configure('protected_branches: [main]\n')
    const run = await create('x')
    const { mission_slug: slug } = parse(MissionCreate, run.json)
    const home = `mission-${slug}`
    expect(run.json).toMatchObject({
      current_branch: home,
      home_branch: home,
      planning_base_branch: home,
      target_branch: 'main',
      merge_target_branch: 'main',
      branch_matches_target: true,
    })
    expect(run.stderr).toContain(`Planned on branch ${home}; it lands on main by pull request`)
    expect(JSON.parse(world.read(`kitty-specs/${slug}/meta.json`))).toMatchObject({
      home_branch: home,
      target_branch: 'main',
    })
    expect([branch(), world.git('log', '--format=%s', 'main')]).toEqual([home, 'fixture'])
    expect((await create('y', '--start-branch', 'main')).json).toMatchObject({ code: 'protected_branch' })
    expect(await made('y', '--start-branch', 'work')).toMatchObject({
      home_branch: 'work',
      target_branch: 'work',
    })
  })

  it('is named by every command on the branch that does not have it', async () => {
    configure('protected_branches: [main]\n')
    const { mission_slug: slug } = await made('x')
    world.git('switch', '-q', 'main')
    for (const words of [
      ['status'],
      ['show', 'WP01', '--mission', 'x'],
      ['merge', '--dry-run', '--mission', slug],
    ]) {
      const { json } = await runCli(world, [...words, '--json'])
      expect(json, words.join(' ')).toMatchObject({
        code: 'mission_not_found',
        branch: `mission-${slug}`,
        hint: `git -C ${world.root} switch mission-${slug}`,
      })
    }
  })

  it.each([
    ['the default branch', 'main', [], { target_branch: 'main', current_branch: /^mission-x-/ }],
    ['a branch of one’s own', 'feat/x', [], { target_branch: 'main', current_branch: /^feat\/x$/ }],
    ['a branch to be made', 'main', ['--home-branch', 'h'], { target_branch: 'main', current_branch: /^h$/ }],
    [
      'another target',
      'feat/x',
      ['--target-branch', 'next'],
      { target_branch: 'next', current_branch: /^feat/ },
    ],
  ])('delivers by pull request from %s', async (_, from, words, { target_branch, current_branch }) => {
    configure('delivery: pull_request\n')
    if (from !== 'main') world.git('switch', '-q', '-c', from)
    expect(await made('x', ...words)).toMatchObject({
      target_branch,
      current_branch: expect.stringMatching(current_branch),
    })
    expect(branch()).toMatch(current_branch)
  })

  it.each([
    [['--home-branch', 'main'], 'it is where the mission lands'],
    [['--home-branch', 'a..b'], 'not a valid branch name'],
    [['--home-branch', 'release', '--target-branch', 'main'], 'it is protected'],
    [['--home-branch', 'h', '--start-branch', 's'], 'give one of them'],
  ])('refuses %j, and stays where it is', async (words, why) => {
    configure('protected_branches: [main, release]\n')
    expect((await create('x', ...words)).json).toMatchObject({
      code: 'invalid_input',
      error: expect.stringContaining(why),
    })
    expect([branch(), world.git('branch', '--format=%(refname:short)')]).toEqual(['main', 'main'])
  })

  it('refuses a delivery that nobody knows: guessing would commit where nothing may be', async () => {
    configure('delivery: pull-request\n')
    expect((await create('x')).json).toMatchObject({
      code: 'invalid_input',
      error: 'delivery in .kittify/config.yaml is "pull-request"',
      hint: 'Choose from: direct, pull_request',
    })
  })

  it('leaves the files uncommitted when asked', async () => {
    world.commit()
    await made('x', '--no-auto-commit')
    expect(world.git('log', '--format=%s')).toBe('fixture')
    expect(world.git('status', '--porcelain')).toBe('?? kitty-specs/')
  })

  it('needs a project', async () => {
    world.cleanup()
    world = createWorld()
    expect((await create('x')).json).toMatchObject({ code: 'no_project' })
  })

  it('tells a person what to do next', async () => {
    const run = await runCli(world, ['agent', 'mission', 'create', 'hello'])
    expect(run.stdout).toMatch(
      /^Created mission hello-\w{8} on branch main\.\nNext: Write kitty-specs\/hello-/,
    )
    expect(run.stderr).toBe('')
  })
})

describe('specify', () => {
  it('takes a title', async () => {
    const run = await runCli(world, ['specify', 'Über: My New  Feature!', '--json'])
    expect(run.json).toMatchObject({
      mission_slug: expect.stringMatching(/^uber-my-new-feature-/),
      friendly_name: 'Über: My New  Feature!',
    })
  })

  it.each([
    ['Привет', /^mission-/],
    ['a long title '.repeat(30), /^(a-long-title-){4}a-long-\w{8}$/],
  ])('takes any title: %s', async (title, slug) => {
    const run = await runCli(world, ['specify', title, '--json'])
    expect(run.json).toMatchObject({ mission_slug: expect.stringMatching(slug), friendly_name: title.trim() })
  })

  it('refuses a name that no file can have', async () => {
    const run = await runCli(world, ['agent', 'mission', 'create', 'a'.repeat(201), '--json'])
    expect(run.json).toMatchObject({ code: 'invalid_input', hint: `For example: ${'a'.repeat(60)}` })
    expect(world.exists('kitty-specs')).toBe(false)
  })

  it('refuses a title without letters', async () => {
    expect((await runCli(world, ['specify', '!!!', '--json'])).json).toMatchObject({ code: 'invalid_input' })
  })
})
