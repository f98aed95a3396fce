import { Promote, Quick } from '@spec-kitty/contracts/cli/quick'
import { IGNORED } from '@spec-kitty/host/testing/lanes'
import { addProject } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CliResult, runCli } from '../testing/run-cli.ts'

let world: World
beforeEach(() => {
  world = createWorld()
  world.write('.gitignore', IGNORED)
  world.write('README.md', 'teh text\n')
  addProject(world)
  world.commit('project')
})
afterEach(() => world.cleanup())

const run = (...words: string[]): Promise<CliResult> => runCli(world, words)
const tasks = (...words: string[]): Promise<CliResult> => run('agent', 'tasks', ...words)

async function ok(answer: Promise<CliResult>): Promise<CliResult> {
  const result = await answer
  expect(result.status, result.stdout + result.stderr).toBe(0)
  expect(world.git('status', '--porcelain', '--untracked-files=no')).toBe('')
  return result
}

async function begin(...words: string[]): Promise<Quick> {
  const { json } = await ok(
    run('quick', 'Fix the typo in the README', '--agent', 'claude', ...words, '--json'),
  )
  return v.parse(v.strictObject(Quick.entries), json)
}

function fix(): void {
  world.write('README.md', 'the text\n')
  world.git('commit', '-qam', 'fix')
}

async function approve(wp: string, slug: string): Promise<void> {
  const on = ['--mission', slug]
  await ok(tasks('move-task', wp, '--to', 'for_review', ...on))
  await ok(run('agent', 'action', 'review', wp, '--agent', 'bob', ...on))
  await ok(tasks('move-task', wp, '--to', 'approved', '--agent', 'bob', ...on))
}

const branches = (): string[] => world.git('branch', '--format=%(refname:short)').split('\n')

describe('quick', () => {
  it('begins on a branch of its own, with one file, and leaves the target alone', async () => {
    const main = world.git('rev-parse', 'main')
    const quick = await begin()
    expect(quick).toMatchObject({
      mode: 'branch',
      target_branch: 'main',
      workspace_path: world.root,
      wp_id: 'WP01',
    })
    expect(quick.mission_slug).toMatch(/^fix-the-typo-in-the-readme-[0-9A-Z]{8}$/)
    expect(world.git('symbolic-ref', '--short', 'HEAD')).toBe(quick.branch)
    expect(world.git('rev-parse', 'main')).toBe(main)
    const files = world.git('diff', '--name-only', 'main', 'HEAD').split('\n')
    expect(files.filter(name => name.endsWith('.md'))).toEqual([
      `kitty-specs/${quick.mission_slug}/tasks/WP01-fix-the-typo-in-the-readme.md`,
    ])
    const board = (await ok(tasks('status', '--mission', quick.mission_slug, '--json'))).json
    expect(board).toMatchObject({ work_packages: [{ id: 'WP01', lane: 'in_progress' }] })
    expect(world.notes).toEqual([])
    expect((await run('doctor', 'missions', '--json')).json).toMatchObject({ findings: [] })
  })

  it('goes through review and merge as any mission, and ends on the target', async () => {
    const { mission_slug: slug, branch } = await begin()
    fix()
    await ok(tasks('move-task', 'WP01', '--to', 'for_review', '--mission', slug))
    const review = await ok(
      run('agent', 'action', 'review', 'WP01', '--agent', 'bob', '--mission', slug, '--json'),
    )
    const { diff_command: diff, changed_files: changed } = review.json as {
      diff_command: string
      changed_files: string[]
    }
    expect(changed).toEqual(['README.md'])
    expect((await world.ports.env.shell(diff, { cwd: world.root, limitMs: 10_000 })).output).toMatch(
      /\+the text\n$/,
    )
    await ok(tasks('move-task', 'WP01', '--to', 'approved', '--agent', 'bob', '--mission', slug))
    await ok(run('accept', '--mission', slug))
    expect((await ok(run('merge', '--dry-run', '--mission', slug, '--json'))).json).toMatchObject({
      ready: true,
    })
    expect(branches()).toContain(branch)
    const merged = (await ok(run('merge', '--mission', slug, '--json'))).json
    expect(merged).toMatchObject({
      target_branch: 'main',
      done_work_packages: ['WP01'],
      deleted_branches: [branch],
      kept: [],
    })
    expect(world.git('symbolic-ref', '--short', 'HEAD')).toBe('main')
    expect(branches()).toEqual(['main'])
    expect(world.read('README.md')).toBe('the text\n')
    const board = (await ok(tasks('status', '--mission', slug, '--json'))).json
    expect(board).toMatchObject({ work_packages: [{ id: 'WP01', lane: 'done' }] })
  })

  it.each(['merge', 'rebase'] as const)(
    'lands with strategy %s on a target that has moved on',
    async strategy => {
      const { mission_slug: slug } = await begin()
      fix()
      await approve('WP01', slug)
      world.git('worktree', 'add', '-q', '../other', 'main')
      world.write('../other/new.txt', 'new\n')
      world.gitAt('../other', 'add', '-A')
      world.gitAt('../other', 'commit', '-qm', 'elsewhere')
      world.git('worktree', 'remove', '../other')
      await ok(run('merge', '--strategy', strategy, '--mission', slug))
      expect(world.git('symbolic-ref', '--short', 'HEAD')).toBe('main')
      expect([world.read('README.md'), world.read('new.txt')]).toEqual(['the text\n', 'new\n'])
      expect(world.git('rev-list', '--parents', '-n', '1', 'main').split(' ')).toHaveLength(
        strategy === 'merge' ? 3 : 2,
      )
    },
  )

  it('stays where it is when branches are to be kept', async () => {
    const { mission_slug: slug, branch } = await begin()
    fix()
    await approve('WP01', slug)
    await ok(run('merge', '--keep-branch', '--mission', slug))
    expect(world.git('symbolic-ref', '--short', 'HEAD')).toBe(branch)
  })

  it('keeps the branch when git will not leave it, and says so', async () => {
    const { mission_slug: slug, branch } = await begin()
    fix()
    await approve('WP01', slug)
    world.git('switch', '-q', 'main')
    world.write('new.txt', 'theirs\n')
    world.git('add', 'new.txt')
    world.git('commit', '-qm', 'new file')
    world.git('switch', '-q', branch)
    world.write('new.txt', 'mine\n')
    const answer = await run('merge', '--mission', slug, '--json')
    expect(answer.json).toMatchObject({
      kept: [{ subject: `refs/heads/${branch}`, reason: 'it is checked out' }],
    })
    expect(world.read('new.txt')).toBe('mine\n')
    expect(world.git('symbolic-ref', '--short', 'HEAD')).toBe(branch)
  })

  it('hands over only what is committed', async () => {
    const { mission_slug: slug } = await begin()
    const hand = (): Promise<CliResult> =>
      tasks('move-task', 'WP01', '--to', 'for_review', '--mission', slug, '--json')
    expect((await hand()).json).toMatchObject({
      error: expect.stringContaining('nothing has been committed'),
    })
    world.write('README.md', 'the text\n')
    expect((await hand()).json).toMatchObject({ error: expect.stringContaining('uncommitted changes') })
    world.git('commit', '-qam', 'fix')
    await ok(hand())
  })

  it('refuses to merge what is not committed, or a branch that is gone', async () => {
    const { mission_slug: slug, branch } = await begin()
    fix()
    await approve('WP01', slug)
    world.write('README.md', 'more\n')
    const dirty = await run('merge', '--dry-run', '--mission', slug, '--json')
    expect(dirty.json).toMatchObject({ blocker: 'dirty_worktree', error: expect.stringContaining(branch) })
    world.git('checkout', '-q', '--', 'README.md')
    world.git('switch', '-q', '-c', 'elsewhere')
    world.git('branch', '-qD', branch)
    const gone = await run('merge', '--dry-run', '--mission', slug, '--json')
    expect(gone.json).toMatchObject({ blocker: 'missing_mission_branch', expected_branch: branch })
  })

  it('works in a worktree when asked', async () => {
    const quick = await begin('--worktree')
    expect(quick).toMatchObject({
      mode: 'worktree',
      workspace_path: `${world.root}/.worktrees/${quick.mission_slug}-lane-a`,
    })
    expect(world.git('symbolic-ref', '--short', 'HEAD')).toBe('main')
    world.write(`${quick.workspace_path}/README.md`, 'the text\n')
    world.gitAt(quick.workspace_path, 'commit', '-qam', 'fix')
    await approve('WP01', quick.mission_slug)
    await ok(run('merge', '--mission', quick.mission_slug))
    expect(world.read('README.md')).toBe('the text\n')
    expect(branches()).toEqual(['main'])
  })

  it('takes edits that are there already along', async () => {
    world.write('README.md', 'the text\n')
    const { json } = await run('quick', 'fix', 'the', 'typo', '--json')
    expect(json).toMatchObject({ result: 'success', mission_slug: expect.stringMatching(/^fix-the-typo-/) })
    expect(world.git('status', '--porcelain')).toBe('M README.md')
  })

  it('says in text what comes next', async () => {
    const { stdout } = await ok(run('quick', "don't panic"))
    expect(stdout).toContain("git commit -m 'don'\\''t panic'")
    expect(stdout).toContain('--to for_review')
  })

  it('lists steps that lead to the merge as they stand', async () => {
    const { next } = await begin()
    world.write('README.md', 'the text\n')
    for (const step of next.map(line => line.replace('FILES', 'README.md').replace('NAME', 'bob'))) {
      const [program, ...words] = step.split(' ')
      if (program === 'spec-kitty') await ok(run(...words))
      else
        expect(await world.ports.env.shell(step, { cwd: world.root, limitMs: 10_000 }), step).toMatchObject({
          status: 0,
        })
    }
    expect(world.git('show', 'main:README.md')).toBe('the text')
    expect(branches()).toEqual(['main'])
  })

  it('leaves a protected branch alone: in a worktree the bookkeeping goes to a branch beside it', async () => {
    world.write('.kittify/config.yaml', 'protected_branches:\n  - main\n')
    world.commit('protect')
    const { json } = await ok(run('quick', 'x', '--worktree', '--json'))
    const { mission_slug: slug, next } = json as { mission_slug: string; next: string[] }
    expect(world.git('symbolic-ref', '--short', 'HEAD')).toBe(`mission-${slug}`)
    expect(world.git('log', '--format=%s', 'main')).toBe('protect\nproject')
    expect(next.at(-1)).toMatch(/^git branch integrate-\S+ main && spec-kitty merge --target integrate-/)
    world.git('remote', 'add', 'origin', world.dir)
    world.git('switch', '-q', 'main')
    const other = await runCli(world, ['quick', 'y', '--worktree', '--json'])
    expect((other.json as { next: string[] }).next.at(-1)).toMatch(/^spec-kitty merge --pr --mission y-/)
  })

  it('is sent to no commit for a specification that it never had', async () => {
    const { mission_slug: slug } = await begin()
    const { json } = await run('agent', 'mission', 'finalize-tasks', '--mission', slug, '--json')
    expect(json).toMatchObject({
      code: 'mission_incomplete',
      hint: `Write kitty-specs/${slug}/spec.md (/spec-kitty.specify in your agent)`,
    })
  })

  it('refuses without title, branch or commit', async () => {
    expect((await run('quick', ' ', '--json')).json).toMatchObject({ code: 'invalid_input' })
    world.write('.kittify/config.yaml', 'protected_branches:\n  - main\n')
    world.commit('protect')
    world.git('switch', '-q', '--detach')
    expect((await run('quick', 'x', '--json')).json).toMatchObject({ code: 'detached_head' })
    world.git('switch', '-q', '--orphan', 'empty')
    addProject(world)
    expect((await run('quick', 'x', '--json')).json).toMatchObject({ code: 'not_ready' })
    expect(world.exists('kitty-specs')).toBe(false)
  })
})

describe('promote', () => {
  it('turns a begun quick mission into a full one that merges with its first work', async () => {
    const { mission_slug: slug, branch } = await begin()
    fix()
    const on = ['--mission', slug]
    const { json } = await ok(run('promote', ...on, '--json'))
    const dir = `${world.root}/kitty-specs/${slug}`
    expect(v.parse(v.strictObject(Promote.entries), json).created_files).toEqual([
      `${dir}/spec.md`,
      `${dir}/tasks.md`,
    ])
    expect(JSON.parse(world.read(`${dir}/meta.json`)).mission_type).toBe('software-dev')
    const step = async (): Promise<unknown> => (await run('next', '--agent', 'bob', '--json')).json
    await run('agent', 'mission', 'setup-plan', ...on)
    expect(await step()).toMatchObject({ preview_step: 'plan' })
    world.write(
      `${dir}/plan.md`,
      '# Plan\n\n## Summary\n\nMore.\n\n## Technical Context\n\n**Language/Version**: TypeScript 7\n**Primary Dependencies**: none\n',
    )
    world.write(
      `${dir}/tasks.md`,
      `${world.read(`${dir}/tasks.md`)}\n## Work Package WP02: More\n\n**Requirement Refs**: FR-001\n**Dependencies**: WP01\n`,
    )
    world.write(
      `${dir}/tasks/WP02-more.md`,
      '---\nwork_package_id: WP02\ntitle: More\nexecution_mode: code_change\nowned_files:\n- src/**\nauthoritative_surface: src/\n---\n\n# WP02\n',
    )
    world.commit('plan')
    expect(await step()).toMatchObject({ preview_step: 'tasks' })
    await ok(run('agent', 'mission', 'finalize-tasks', ...on))
    await approve('WP01', slug)
    const begun = await ok(run('agent', 'action', 'implement', 'WP02', '--agent', 'claude', ...on, '--json'))
    const { workspace_dir: lane } = begun.json as { workspace_dir: string }
    expect(world.read(`${lane}/README.md`)).toBe('the text\n')
    world.write(`${lane}/src/a.txt`, 'A\n')
    world.gitAt(lane, 'add', 'src')
    world.gitAt(lane, 'commit', '-qm', 'more')
    await approve('WP02', slug)
    await ok(run('merge', ...on))
    expect([world.read('README.md'), world.read('src/a.txt')]).toEqual(['the text\n', 'A\n'])
    expect(world.git('symbolic-ref', '--short', 'HEAD')).toBe('main')
    expect(branches()).not.toContain(branch)
  })

  it('refuses what is full or merged, and tells a person what comes next', async () => {
    const { mission_slug: slug } = await begin()
    expect((await ok(run('promote', '--mission', slug))).stdout).toContain('setup-plan')
    expect((await run('promote', '--mission', slug, '--json')).json).toMatchObject({ code: 'invalid_input' })
    world.git('switch', '-q', 'main')
    const second = await begin()
    fix()
    await approve('WP01', second.mission_slug)
    await ok(run('merge', '--mission', second.mission_slug))
    const merged = await run('promote', '--mission', second.mission_slug, '--json')
    expect(merged.json).toMatchObject({ error: expect.stringContaining('merged already') })
  })

  it('is never merged into the branch of another mission, which goes with its merge', async () => {
    const { mission_slug } = await begin()
    const branch = world.git('branch', '--show-current')
    for (const words of [
      ['quick', 'Another thing'],
      ['agent', 'mission', 'create', 'another'],
    ]) {
      expect(await run(...words, '--json')).toMatchObject({
        status: 1,
        json: { hint: 'git switch main', branch, mission_slug },
      })
    }
    expect(branches()).toEqual([branch, 'main'])
    world.git('switch', '-q', 'main')
    const second = await begin()
    expect(second).toMatchObject({ target_branch: 'main' })
    expect(await run('quick', 'x', '--json')).toMatchObject({ json: { mission_slug: second.mission_slug } })
  })
})
