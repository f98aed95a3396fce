import { execSync } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { Merge, type MergeDone } from '@spec-kitty/contracts/cli/merge'
import { type MergeBlocked, MergeDryRun } from '@spec-kitty/contracts/cli/merge-dry-run'
import { MergeState } from '@spec-kitty/contracts/files/merge-state'
import type { Ports } from '@spec-kitty/core/world/ports'
import {
  addApprovedMission,
  addReadyMission,
  commitIn,
  laneBranchOf,
  lanePathOf,
  MISSION_BRANCH,
  makeLane,
  putFiles,
} from '@spec-kitty/host/testing/lanes'
import { appendEvents, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CliResult, runCli } from '../testing/run-cli.ts'

const DIR = `kitty-specs/${MISSION_SLUG}`
const JOURNAL = `.git/spec-kitty-merge/${MISSION_SLUG}.json`

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

const run = (...words: string[]): Promise<CliResult> => runCli(world, ['merge', ...words])
const dryRun = async (...words: string[]): Promise<MergeBlocked> => {
  const answer = await run('--dry-run', '--json', ...words)
  const document = v.parse(MergeDryRun, answer.json)
  expect(answer.status).toBe(document.ready ? 0 : 1)
  return document as MergeBlocked
}
const codes = (document: MergeBlocked): string[] => document.blockers.map(blocker => blocker.code)

/** Everything a refused or dry command must leave alone. */
function snapshot(): unknown {
  const lanes = ['lane-a', 'lane-b'].filter(lane => world.exists(lanePathOf(lane)))
  return {
    refs: world.git('for-each-ref'),
    head: world.git('symbolic-ref', 'HEAD'),
    worktrees: world.git('worktree', 'list', '--porcelain'),
    status: world.git('status', '--porcelain'),
    lanes: lanes.map(lane => world.gitAt(lanePathOf(lane), 'status', '--porcelain')),
    diff: world.git('diff', 'HEAD'),
  }
}

function laneOfWp(rev: string, wp: string): string {
  const status = JSON.parse(world.git('show', `${rev}:${DIR}/status.json`))
  return status.work_packages[wp].lane
}

/** What holds after every finished merge. */
function expectMerged(): void {
  expect(world.git('status', '--porcelain')).toBe('')
  expect(world.git('for-each-ref', '--format=%(refname)', 'refs/heads')).toBe('refs/heads/main')
  expect(world.git('worktree', 'list').split('\n')).toHaveLength(1)
  expect([laneOfWp('main', 'WP01'), laneOfWp('main', 'WP02')]).toEqual(['done', 'done'])
  expect(world.exists(JOURNAL)).toBe(false)
  expect(world.git('stash', 'list')).toBe('')
}

describe('blocker 4: the mission branch', () => {
  beforeEach(() => {
    addReadyMission(world)
  })

  test('dry run json missing branch', async () => {
    world.git('branch', '-D', MISSION_BRANCH)
    const before = snapshot()
    const document = await dryRun()
    expect(document).toMatchObject({
      ready: false,
      blocker: 'missing_mission_branch',
      expected_branch: MISSION_BRANCH,
      remediation: `git branch ${MISSION_BRANCH} ${world.git('rev-parse', 'HEAD').slice(0, 12)}`,
    })
    expect(snapshot()).toEqual(before)
    expect(world.exists(JOURNAL)).toBe(false)
    world.git(...String(document.remediation).split(' ').slice(1))
    expect((await dryRun()).ready).toBe(true)
  })

  test('dry run human missing branch', async () => {
    world.git('branch', '-D', MISSION_BRANCH)
    const answer = await run('--dry-run')
    expect(answer.status).toBe(1)
    expect(answer.stdout).toContain(`The mission branch ${MISSION_BRANCH} does not exist`)
    expect(answer.stdout).toContain(
      `git branch ${MISSION_BRANCH} ${world.git('rev-parse', 'HEAD').slice(0, 12)}`,
    )
    expect(answer.stderr).toBe('')
  })

  test('real merge blocked missing branch', async () => {
    world.git('branch', '-D', MISSION_BRANCH)
    const before = snapshot()
    const answer = await run('--json')
    expect(answer.status).toBe(1)
    expect(v.parse(Merge, answer.json)).toMatchObject({
      ready: false,
      blocker: 'missing_mission_branch',
      code: 'missing_mission_branch',
      error: expect.stringContaining(MISSION_BRANCH),
      expected_branch: MISSION_BRANCH,
    })
    expect(snapshot()).toEqual(before)
    expect((await run()).stdout).toContain(`git branch ${MISSION_BRANCH}`)
  })

  test('dry run ready with branch present', async () => {
    const before = snapshot()
    const document = await dryRun()
    expect(document).toMatchObject({
      ready: true,
      target_branch: 'main',
      strategy: 'squash',
      mission_branch: MISSION_BRANCH,
      would_assign_mission_number: 1,
      blockers: [],
    })
    expect(document).not.toHaveProperty('blocker')
    const human = await run('--dry-run')
    expect(human.status).toBe(0)
    expect(human.stdout).toContain(MISSION_BRANCH)
    expect(human.stdout).toContain('would assign mission_number=1')
    expect(snapshot()).toEqual(before)
  })

  test('missing branch does not mask other blockers', async () => {
    world.git('branch', '-D', MISSION_BRANCH)
    world.write('.gitignore', 'dirty\n')
    world.write(`${lanePathOf('lane-b')}/new.txt`, 'uncommitted')
    appendEvents(world, [eventRow('WP02', 'approved', 'in_progress', 200, { force: true, reason: 'again' })])
    commitIn(world, lanePathOf('lane-a'), { '.gitattributes': 'A\n' }, 'a')
    const document = await dryRun()
    expect(codes(document)).toEqual([
      'dirty_worktree',
      'missing_mission_branch',
      'wp_not_approved',
      'dirty_lane_worktree',
    ])
    expect(document.blocker).toBe('missing_mission_branch')
    const real = (await run('--json')).json as MergeBlocked
    expect(real.blockers).toEqual(document.blockers)
    const human = (await run('--dry-run')).stdout
    expect(human).toContain('4 blockers')
    for (const word of ['.gitignore', MISSION_BRANCH, 'WP02 is in progress', 'new.txt'])
      expect(human).toContain(word)
  })
})

describe('blockers', () => {
  test('each names its subject, its files and a command', async () => {
    addReadyMission(world)
    world.write('src/a/a.txt', 'in the way')
    const inTheWay = await dryRun()
    expect(inTheWay.blockers).toMatchObject([{ code: 'dirty_worktree', paths: ['src/a/a.txt'] }])
    world.git(...String(inTheWay.remediation).split(' ').slice(1))
    expect((await dryRun()).ready).toBe(true)
  })

  test('an untracked directory or file where a lane puts the other', async () => {
    addApprovedMission(world)
    makeLane(world, 'lane-a', { 'src/a': 'file\n' })
    makeLane(world, 'lane-b', { 'lib/b': 'B\n' })
    world.write('src/a/x', 'mine')
    world.write('lib', 'mine')
    expect((await dryRun()).blockers).toMatchObject([{ code: 'dirty_worktree', paths: ['lib', 'src/a'] }])
  })

  test('lanes in conflict: lane, files, and the remedy works', async () => {
    addApprovedMission(world)
    makeLane(world, 'lane-a', { 'shared.txt': 'A\n', 'other.txt': 'x\n' })
    makeLane(world, 'lane-b', { 'shared.txt': 'B\n' })
    const document = await dryRun()
    expect(document.blockers).toMatchObject([
      { code: 'lane_conflict', subject: 'lane-b', other: 'lane-a', files: ['shared.txt'] },
    ])
    expect(String(document.remediation)).toBe(
      `git -C ${join(world.root, lanePathOf('lane-b'))} merge ${laneBranchOf('lane-a')}`,
    )
    expect(() => world.git(...String(document.remediation).split(' ').slice(1))).toThrow()
    commitIn(world, lanePathOf('lane-b'), { 'shared.txt': 'both\n' }, 'resolve')
    expect((await run()).status).toBe(0)
    expect(world.read('shared.txt')).toBe('both\n')
    expectMerged()
  })

  test('a conflict with the target: nobody wins in silence', async () => {
    addApprovedMission(world)
    makeLane(world, 'lane-a', { 'shared.txt': 'A\n' })
    makeLane(world, 'lane-b', { 'src/b': 'B\n' })
    world.write('shared.txt', 'hotfix\n')
    world.commit('hotfix')
    const before = snapshot()
    const document = await dryRun()
    expect(document.blockers).toMatchObject([
      { code: 'target_conflict', subject: 'main', files: ['shared.txt'], lane: 'lane-a' },
    ])
    expect((await run()).status).toBe(1)
    expect(snapshot()).toEqual(before)
  })

  test('an edit of the target beside the lanes survives', async () => {
    addReadyMission(world)
    world.write('hotfix.txt', 'fix\n')
    world.commit('hotfix')
    expect((await run()).status).toBe(0)
    expect(world.read('hotfix.txt')).toBe('fix\n')
    expectMerged()
  })

  test('a lane branch that is missing', async () => {
    addReadyMission(world)
    world.git('worktree', 'remove', lanePathOf('lane-b'))
    world.git('branch', '-D', laneBranchOf('lane-b'))
    expect((await dryRun()).blockers).toMatchObject([
      { code: 'missing_lane_branch', subject: laneBranchOf('lane-b'), lane: 'lane-b' },
    ])
  })

  test.each(['committed', 'not committed'])(
    'a work package without a file is put back, its deletion %s',
    async how => {
      addReadyMission(world)
      appendEvents(world, [eventRow('WP02', 'approved', 'planned', 201, { force: true, reason: 'r' })])
      const file = `${DIR}/tasks/WP02-demo.md`
      world.write(file, `${world.read(file)}more\n`)
      world.commit('more')
      world.git('rm', '-q', file)
      if (how === 'committed') world.commit('gone')
      const found = (await dryRun()).blockers.find(({ code }) => code === 'wp_not_approved')
      expect(found?.message).toBe('WP02 is planned, not approved, and has no file')
      execSync(String(found?.remediation), { cwd: world.root, env: world.env, stdio: 'pipe' })
      expect(world.read(file)).toMatch(/more\n$/)
    },
  )

  test('work packages that are not approved, each with its next step', async () => {
    addReadyMission(world)
    appendEvents(world, [
      eventRow('WP01', 'approved', 'in_review', 200, { force: true, reason: 'r' }),
      eventRow('WP02', 'approved', 'planned', 201, { force: true, reason: 'r' }),
    ])
    expect(
      (await dryRun()).blockers.map(({ code, subject, remediation }) => [code, subject, remediation]),
    ).toEqual([
      [
        'wp_not_approved',
        'WP01',
        `spec-kitty agent action review WP01 --agent claude --mission ${MISSION_SLUG}`,
      ],
      [
        'wp_not_approved',
        'WP02',
        `spec-kitty agent action implement WP02 --agent NAME --mission ${MISSION_SLUG}`,
      ],
    ])
  })

  test('nothing but canceled work', async () => {
    addReadyMission(world)
    appendEvents(
      world,
      ['WP01', 'WP02'].map((wp, i) => eventRow(wp, 'approved', 'canceled', 200 + i, { reason: 'r' })),
    )
    expect(codes(await dryRun())).toEqual(['nothing_to_merge'])
  })

  test('a rejected or unreadable review', async () => {
    addReadyMission(world)
    const cycle = (verdict: string) => `---\ncycle_number: 1\nverdict: ${verdict}\nwp_id: WP01\n---\n\nno\n`
    world.write(`${DIR}/tasks/WP01-demo/review-cycle-1.md`, cycle('rejected'))
    world.write(`${DIR}/tasks/WP02-demo/review-cycle-1.md`, cycle('maybe'))
    expect(codes(await dryRun())).toEqual([
      'REJECTED_REVIEW_ARTIFACT_CONFLICT',
      'REVIEW_ARTIFACT_SCHEMA_INVALID',
    ])
    world.write(`${DIR}/tasks/WP02-demo/review-cycle-1.md`, cycle('approved'))
    world.write(`${DIR}/tasks/WP01-demo/review-cycle-2.md`, cycle('approved'))
    expect((await dryRun()).ready).toBe(true)
  })

  test('the target: missing, protected, in another worktree, under a merge of its own', async () => {
    addReadyMission(world)
    expect(codes(await dryRun('--target', 'nope'))).toEqual(['missing_target_branch'])
    world.git('worktree', 'add', '-q', '-b', 'elsewhere', join(world.dir, 'else'))
    const elsewhere = await dryRun('--target', 'elsewhere')
    expect(elsewhere.blockers).toMatchObject([{ code: 'target_checked_out_elsewhere', subject: 'elsewhere' }])
    world.write('.kittify/config.yaml', `${world.read('.kittify/config.yaml')}protected_branches:\n- main\n`)
    world.commit('protect')
    expect(codes(await dryRun())).toEqual(['protected_branch'])
    const lifted = { ...world, ports: world.at('.', { SPEC_KITTY_ALLOW_PROTECTED_BRANCH_COMMITS: '1' }) }
    expect((await runCli(lifted, ['merge', '--dry-run'])).status).toBe(0)
    world.write('.git/MERGE_HEAD', `${world.git('rev-parse', 'HEAD')}\n`)
    expect(codes(await dryRun())).toContain('merge_in_progress')
  })

  test('a target that was renamed is offered by its new name, and never the branch of a lane', async () => {
    addReadyMission(world)
    const lane = laneBranchOf('lane-a')
    world.git('worktree', 'remove', '--force', lanePathOf('lane-a'))
    world.git('switch', '-q', lane)
    world.git('branch', '-m', 'main', 'trunk')
    expect((await dryRun()).blockers?.[0]).toMatchObject({
      message: 'Target branch main does not exist here; it was renamed to trunk',
      remediation: `spec-kitty merge --target trunk --mission ${MISSION_SLUG}`,
    })
    expect((await run('--json', '--target', lane)).json).toMatchObject({ code: 'invalid_input' })
  })

  test('a target that pull requests reach leads there, and leaves no note of a merge', async () => {
    addReadyMission(world)
    world.write('.kittify/config.yaml', `${world.read('.kittify/config.yaml')}delivery: pull_request\n`)
    world.commit('deliver')
    const local = await dryRun()
    expect(local.blockers).toMatchObject([
      { code: 'protected_branch', remediation: expect.stringContaining('git branch integrate-') },
    ])
    // Any branch but the one that pull requests go to is the user's own.
    world.git('branch', 'feat/own')
    expect((await dryRun('--target', 'feat/own')).ready).toBe(true)
    world.gitAt(world.dir, 'init', '-q', '--bare', 'origin.git')
    world.git('remote', 'add', 'origin', join(world.dir, 'origin.git'))
    const { json } = await run('--json')
    expect(json).toMatchObject({
      ready: false,
      remediation: `spec-kitty merge --pr --mission ${MISSION_SLUG}`,
    })
    expect(world.exists(JOURNAL)).toBe(false)
  })

  test('git that is too old', async () => {
    addReadyMission(world)
    const old = { ...world.ports, git: { ...world.ports.git, version: async () => [2, 37, 9] as const } }
    const answer = await runCli({ ports: old }, ['merge', '--dry-run', '--json'])
    expect(answer.json).toMatchObject({ code: 'git_too_old', error: expect.stringContaining('2.37.9') })
  })
})

describe('the remote', () => {
  beforeEach(() => {
    addReadyMission(world)
    world.gitAt(world.dir, 'init', '-q', '--bare', 'origin.git')
    world.git('remote', 'add', 'origin', join(world.dir, 'origin.git'))
    world.git('push', '-q', 'origin', 'main')
  })

  /** A commit of somebody else on the remote's main. */
  function theirs(): void {
    const clone = join(world.dir, 'clone')
    if (!existsSync(clone)) world.gitAt(world.dir, 'clone', '-q', '-b', 'main', 'origin.git', 'clone')
    putFiles(clone, { [`theirs-${Math.random()}`]: 'x' })
    world.gitAt(clone, 'add', '-A')
    world.gitAt(clone, 'commit', '-q', '-m', 'theirs')
    world.gitAt(clone, 'push', '-q', 'origin', 'HEAD:main')
  }

  test('behind as of the last fetch; --fetch looks again; the remedy works', async () => {
    theirs()
    expect((await dryRun()).ready).toBe(true)
    const document = await dryRun('--fetch')
    expect(document).toMatchObject({
      blocker: 'target_behind_remote',
      diagnostic_code: 'TARGET_BRANCH_NOT_SYNCHRONIZED',
    })
    expect(codes(await dryRun())).toEqual(['target_behind_remote'])
    world.git(...String(document.remediation).split(' ').slice(1))
    expect((await dryRun('--fetch')).ready).toBe(true)
  })

  test('diverged', async () => {
    theirs()
    world.write('ours', 'x')
    world.commit('ours')
    const document = await dryRun('--fetch')
    expect(document.blockers).toMatchObject([{ code: 'target_diverged_from_remote', ahead: 1, behind: 1 }])
  })

  test('a remote that cannot be reached', async () => {
    world.git('remote', 'set-url', 'origin', join(world.dir, 'nowhere'))
    expect(await dryRun('--fetch')).toMatchObject({ diagnostic_code: 'TARGET_BRANCH_REFRESH_FAILED' })
  })

  test('--push publishes the target, cleaned up or not', async () => {
    const answer = await run('--push', '--json')
    expect(answer.json).toMatchObject({ result: 'success', pushed: true })
    expect(world.git('rev-parse', 'origin/main')).toBe(world.git('rev-parse', 'main'))
    expectMerged()
  })

  test('a push that is refused leaves a merge to resume', async () => {
    putFiles(join(world.dir, 'origin.git'), { 'hooks/pre-receive': { run: '#!/bin/sh\nexit 1\n' } })
    const answer = await run('--push', '--json')
    expect(answer).toMatchObject({ status: 1 })
    expect(answer.json).toMatchObject({
      code: 'push_refused',
      error: expect.stringContaining('has moved to'),
      hint: expect.stringMatching(/--resume .*--abort/s),
    })
    expect(codes(await dryRun())).toContain('merge_in_progress')
    const writer = await runCli(world, [
      'agent',
      'status',
      'emit',
      'WP01',
      '--to',
      'done',
      '--actor',
      'x',
      '--force',
      '--reason',
      'x',
      '--json',
    ])
    expect(writer.json).toMatchObject({
      code: 'merge_in_progress',
      hint: expect.stringContaining('--resume'),
    })
    putFiles(join(world.dir, 'origin.git'), { 'hooks/pre-receive': null })
    expect((await run('--resume', '--json')).json).toMatchObject({
      result: 'success',
      resumed: true,
      pushed: true,
    })
    expect(world.git('rev-parse', 'origin/main')).toBe(world.git('rev-parse', 'main'))
    expectMerged()
  })
})

describe('a merge', () => {
  test('squash: one commit with code, done events, number and baseline', async () => {
    addReadyMission(world)
    const base = world.git('rev-parse', 'HEAD')
    const lanes = ['lane-a', 'lane-b'].map(lane => world.git('rev-parse', laneBranchOf(lane)))
    const answer = await run('--json')
    const document = v.parse(Merge, answer.json) as MergeDone
    expect(answer.status).toBe(0)
    expect(document).toMatchObject({
      result: 'success',
      mission_number: 1,
      baseline_merge_commit: base,
      merge_commit: world.git('rev-parse', 'main'),
      merged_lanes: ['lane-a', 'lane-b'],
      done_work_packages: ['WP01', 'WP02'],
      kept: [],
      resumed: false,
    })
    expectMerged()
    expect([world.read('src/a/a.txt'), world.read('src/b/b.txt')]).toEqual(['A\n', 'B\n'])
    expect(world.git('log', '--format=%s', `${base}..main`)).toBe(
      `feat(${MISSION_BRANCH}): squash merge of mission`,
    )
    const meta = JSON.parse(world.read(`${DIR}/meta.json`))
    expect(meta).toMatchObject({ mission_number: 1, baseline_merge_commit: base })
    const done = world
      .read(`${DIR}/status.events.jsonl`)
      .split('\n')
      .filter(line => line.includes('"to_lane": "done"'))
      .map(line => JSON.parse(line))
    expect(done).toMatchObject([
      {
        wp_id: 'WP01',
        actor: 'merge',
        reason: 'Merged WP01 into main',
        evidence: { review: { reviewer: 'bob' } },
      },
      { wp_id: 'WP02', policy_metadata: { merge_phase: 'lane_integrated', target_branch: 'main' } },
    ])
    const backups = new Set(document.backup_refs.map(ref => world.git('rev-parse', ref)))
    for (const old of [base, ...lanes]) expect(backups).toContain(old)
    expect(codes(await dryRun())).toEqual(['already_merged'])
  })

  test('brings the code of packages that somebody else called done: only a merge says that it has arrived', async () => {
    addReadyMission(world)
    appendEvents(
      world,
      ['WP01', 'WP02'].map((wp, i) =>
        eventRow(wp, 'approved', 'done', 900 + i, {
          evidence: { review: { reviewer: 'bob', verdict: 'approved', reference: 'r' } },
        }),
      ),
    )
    world.commit('done by an orchestrator')
    expect((await run()).status).toBe(0)
    expectMerged()
  })

  test('says what it did, and where the branches are kept as they were', async () => {
    addReadyMission(world)
    const { stdout } = await run()
    expect(stdout).toMatch(/^Merged .+ into main \(squash, [0-9a-f]{12}\) as mission 1\.$/m)
    expect(stdout).toContain('  every branch as it was: refs/kitty/backup/')
    expect(stdout).toContain('done: WP01, WP02')
  })

  test('from the home of a mission beside its target, the checkout goes on to what says that it is done', async () => {
    addReadyMission(world)
    world.git('checkout', '-qb', 'feat/home')
    const meta = `kitty-specs/${MISSION_SLUG}/meta.json`
    world.write(meta, world.read(meta).replace('{', '{"home_branch": "feat/home",'))
    world.commit('home')
    const { stdout, status } = await runCli(world, ['merge'])
    expect(status, stdout).toBe(0)
    expect(stdout).toContain(
      'kept refs/heads/feat/home: the mission was planned there; the checkout went on to main',
    )
    expect(world.git('branch', '--show-current')).toBe('main')
    const board = await runCli(world, ['agent', 'tasks', 'status', '--json'])
    expect(board.json).toMatchObject({ by_lane: { done: 2 } })
  })

  test('on another branch than home and target, the checkout stays', async () => {
    addReadyMission(world)
    world.git('checkout', '-qb', 'hotfix')
    expect((await runCli(world, ['merge'])).status).toBe(0)
    expect(world.git('branch', '--show-current')).toBe('hotfix')
  })

  test('removes worktrees one after the other: git fails at one that is just going', async () => {
    addReadyMission(world)
    const note = (word: string) => `echo ${word} >> ${world.dir}/turns`
    const git = `${world.git('--exec-path')}/git`
    const slow = `${note('begin')}; ${git} "$@"; status=$?; sleep 0.2; ${note('end')}; exit $status`
    world.write(
      '../bin/git',
      `#!/bin/sh\ncase "$*" in *"worktree remove"*) ${slow};; esac\nexec ${git} "$@"\n`,
    )
    chmodSync(`${world.dir}/bin/git`, 0o755)
    const ports = world.at(world.root, { PATH: `${world.dir}/bin:${world.env.PATH}` })
    expect((await runCli({ ports }, ['merge', '--json'])).json).toMatchObject({ result: 'success' })
    expect(world.read('../turns')).toBe('begin\nend\nbegin\nend\n')
  })

  test('merge: the history of the lanes is the history of the target', async () => {
    addReadyMission(world)
    world.write('hotfix.txt', 'fix\n')
    const base = world.commit('hotfix')
    expect((await run('--strategy', 'merge')).status).toBe(0)
    expectMerged()
    expect(world.git('log', '--format=%s', '--first-parent', `${base}..main`)).toBe(
      `Merge ${MISSION_BRANCH} into main`,
    )
    expect(world.git('log', '--format=%s', `${base}..main`)).toContain('work on lane-a')
  })

  test('rebase: linear, authors kept', async () => {
    addReadyMission(world)
    const path = lanePathOf('lane-a')
    putFiles(join(world.root, path), { 'src/a/second.txt': '2\n' })
    world.gitAt(path, 'add', '-A')
    world.gitAt(path, 'commit', '-q', '--author', 'Ann <ann@example.com>', '-m', 'second')
    world.write('hotfix.txt', 'fix\n')
    const base = world.commit('hotfix')
    expect((await run('--strategy', 'rebase')).status).toBe(0)
    expectMerged()
    expect(world.git('log', '--merges', '--format=%h', `${base}..main`)).toBe('')
    expect(world.git('log', '--format=%an %s', `${base}..main`).split('\n').toSorted()).toEqual([
      'Ann second',
      `Test User chore(${MISSION_SLUG}): record done transitions for merged WPs`,
      'Test User work on lane-a',
      'Test User work on lane-b',
    ])
  })

  test('rebase: a commit that does not apply is named', async () => {
    addApprovedMission(world)
    makeLane(world, 'lane-a', { 'shared.txt': 'one\n' })
    commitIn(world, lanePathOf('lane-a'), { 'shared.txt': 'main\n' }, 'same as main')
    makeLane(world, 'lane-b', { b: 'B\n' })
    world.write('shared.txt', 'main\n')
    world.commit('hotfix')
    expect((await dryRun()).ready).toBe(true)
    expect((await dryRun('--strategy', 'rebase')).blockers).toMatchObject([
      { code: 'rebase_conflict', files: ['shared.txt'] },
    ])
  })

  test('the strategy of the configuration; one that is unknown', async () => {
    addReadyMission(world)
    world.write('.kittify/config.yaml', `${world.read('.kittify/config.yaml')}merge:\n  strategy: rebase\n`)
    world.commit('configure')
    expect((await dryRun()).strategy).toBe('rebase')
    world.write('.kittify/config.yaml', 'merge:\n  strategy: octopus\n')
    expect((await run('--dry-run', '--json')).json).toMatchObject({ code: 'invalid_input' })
  })

  test('dependent lanes, a rename against an edit, modes and binary files', async () => {
    world.write('old.txt', 'line 1\nline 2\nline 3\nline 4\n')
    addApprovedMission(world, { deps: { WP02: ['WP01'] } })
    makeLane(world, 'lane-a', {
      'old.txt': null,
      'new.txt': 'line 1\nline 2\nline 3\nline 4\n',
      'bin/run': { run: '#!/bin/sh\n' },
      'data.bin': new Uint8Array([0, 1, 255]),
      'crlf.txt': 'a\r\nb\r\n',
    })
    makeLane(world, 'lane-b', { 'src/b': 'B\n' }, laneBranchOf('lane-a'))
    world.write('old.txt', 'line 1\nline 2\nline 3\nline four\n')
    world.commit('edit')
    expect((await run()).status).toBe(0)
    expectMerged()
    expect(world.exists('old.txt')).toBe(false)
    expect(world.read('new.txt')).toBe('line 1\nline 2\nline 3\nline four\n')
    expect(world.git('ls-tree', 'main', 'bin/run')).toMatch(/^100755/)
    expect(world.read('crlf.txt')).toBe('a\r\nb\r\n')
  })

  test('event logs that lanes wrote to are united', async () => {
    addApprovedMission(world)
    const log = `${DIR}/status.events.jsonl`
    const extra = (n: number) =>
      `${JSON.stringify({ ...eventRow('WP01', 'x', 'y', n), kind: 'annotation' })}\n`
    makeLane(world, 'lane-a', { [log]: world.read(log) + extra(301), 'src/a': 'A\n' })
    makeLane(world, 'lane-b', {
      [log]: world.read(log) + extra(302),
      'src/b': 'B\n',
      [`${DIR}/status.json`]: '{}\n',
    })
    appendEvents(world, [{ ...eventRow('WP01', 'x', 'y', 303), kind: 'annotation' }])
    world.commit('bookkeeping')
    expect((await run()).status).toBe(0)
    expectMerged()
    const ids = world.read(log).split('\n')
    for (const n of [301, 302, 303]) {
      expect(ids.filter(line => line.includes(`01KQW4DG${String(n).padStart(18, '0')}`))).toHaveLength(1)
    }
  })

  test('uncommitted bookkeeping goes along (auto-commit off)', async () => {
    addReadyMission(world)
    appendEvents(world, [{ ...eventRow('WP01', 'x', 'y', 303), kind: 'annotation' }])
    world.write(`${DIR}/tasks.md`, '# ticked\n')
    world.write(`${DIR}/status.json`, '{}\n')
    world.write(
      `${DIR}/tasks/WP01-demo/review-cycle-1.md`,
      '---\ncycle_number: 1\nverdict: approved\nwp_id: WP01\n---\n',
    )
    expect((await run()).status).toBe(0)
    expectMerged()
    expect(world.git('show', `main:${DIR}/tasks.md`)).toBe('# ticked')
    expect(world.read(`${DIR}/status.events.jsonl`)).toContain('000000000000000303')
  })

  test.each([
    ['the target', ['branch', '-m', 'main', 'trunk'], 'main'],
    ['the branch of the checkout', ['switch', '-q', 'main'], 'alias'],
  ])('takes the checkout along where %s is another name of a branch', async (_, first, alias) => {
    addReadyMission(world)
    world.git(...first)
    world.git('symbolic-ref', `refs/heads/${alias}`, `refs/heads/${alias === 'main' ? 'trunk' : 'main'}`)
    world.git('switch', '-q', alias)
    expect((await run('--json')).json).toMatchObject({ result: 'success' })
    expect(world.git('status', '--porcelain')).toBe('')
    expect(world.exists('src/a/a.txt')).toBe(true)
  })

  test('uncommitted bookkeeping that a lane changed too is a blocker', async () => {
    addApprovedMission(world)
    makeLane(world, 'lane-a', { [`${DIR}/tasks.md`]: '# lane\n' })
    makeLane(world, 'lane-b', { b: '' })
    world.write(`${DIR}/tasks.md`, '# ticked\n')
    expect((await dryRun()).blockers).toMatchObject([{ code: 'dirty_worktree', paths: [`${DIR}/tasks.md`] }])
  })

  test('--keep-branch and --keep-worktree', async () => {
    addReadyMission(world)
    await run('--keep-worktree', '--json')
    expect(world.exists(`${lanePathOf('lane-a')}/src/a/a.txt`)).toBe(true)
    expect(world.git('branch', '--list', 'kitty/*').split('\n')).toHaveLength(2)
    expect(laneOfWp('main', 'WP01')).toBe('done')
  })

  test('--keep-branch keeps the mission branch with every lane in it', async () => {
    addReadyMission(world)
    await run('--keep-branch')
    expect(world.git('ls-tree', '-r', '--name-only', MISSION_BRANCH, 'src')).toBe('src/a/a.txt\nsrc/b/b.txt')
    expect(world.git('worktree', 'list').split('\n')).toHaveLength(1)
  })

  test('a shell that stands in a lane keeps its directory', async () => {
    addReadyMission(world)
    const there = { ...world, ports: world.at(lanePathOf('lane-a')) }
    const answer = await runCli(there, ['merge', '--json'])
    expect(answer.json).toMatchObject({
      result: 'success',
      kept: [{ reason: 'you are standing in it' }, { reason: 'its worktree was kept' }],
    })
    expect(world.exists(`${lanePathOf('lane-a')}/src/a/a.txt`)).toBe(true)
  })

  test('leftovers of ours in a lane worktree and its context file go with it', async () => {
    addReadyMission(world)
    world.write(`${lanePathOf('lane-a')}/.spec-kitty/review-lock.json`, '{}')
    world.write(`.kittify/workspaces/${MISSION_SLUG}-lane-a.json`, '{}')
    expect((await run()).status).toBe(0)
    expectMerged()
    expect(world.exists(`.kittify/workspaces/${MISSION_SLUG}-lane-a.json`)).toBe(false)
  })

  test('a canceled package: its lane stays where it is', async () => {
    addReadyMission(world)
    appendEvents(world, [eventRow('WP02', 'approved', 'canceled', 200, { reason: 'r' })])
    world.commit('cancel')
    expect((await run('--json')).json).toMatchObject({
      merged_lanes: ['lane-a'],
      done_work_packages: ['WP01'],
    })
    expect(world.exists('src/b')).toBe(false)
    expect(world.git('branch', '--list', laneBranchOf('lane-b'))).not.toBe('')
  })

  test('a target that is not checked out', async () => {
    addReadyMission(world)
    world.git('switch', '-q', '-c', 'desk')
    world.write('desk.txt', 'uncommitted')
    expect((await run()).status).toBe(0)
    expect(laneOfWp('main', 'WP01')).toBe('done')
    expect(world.git('ls-tree', '-r', '--name-only', 'main', 'src')).toBe('src/a/a.txt\nsrc/b/b.txt')
    expect(world.git('status', '--porcelain')).toBe('?? desk.txt')
  })

  test('a mission of planning work has no branches', async () => {
    world.write('.gitignore', '/.worktrees/\n')
    addApprovedMission(world)
    world.git('branch', '-D', MISSION_BRANCH)
    const lanes = JSON.parse(world.read(`${DIR}/lanes.json`))
    lanes.lanes = [{ ...lanes.lanes[0], lane_id: 'lane-planning', wp_ids: ['WP01', 'WP02'] }]
    world.write(`${DIR}/lanes.json`, `${JSON.stringify(lanes, null, 2)}\n`)
    world.commit('plan')
    expect((await run('--json')).json).toMatchObject({ result: 'success', merged_lanes: [] })
    expectMerged()
  })

  test('numbers go on from the highest, also from one written as text', async () => {
    addReadyMission(world)
    world.write('kitty-specs/041-old/meta.json', '{"mission_number": "041"}\n')
    world.commit('old')
    expect((await run('--json', '--mission', MISSION_SLUG)).json).toMatchObject({ mission_number: 42 })
  })

  test.each([
    ['open', '.kittify', 'mission_not_found'],
    ['open', `${DIR}/spec.md`, 'not_ready'],
    ['committed', '.kittify', 'mission_not_found'],
    ['committed', `${DIR}/spec.md`, 'not_ready'],
  ])('a mission that an %s revert of all but %s has taken out comes back', async (how, left, code) => {
    addReadyMission(world)
    const whole = world.git('rev-parse', 'HEAD')
    world.git('revert', '--no-commit', 'HEAD')
    world.git('restore', '--source=HEAD', '--staged', '--worktree', '.kittify', left)
    if (how === 'committed') world.git('commit', '-qm', 'back')
    const answers = [
      await run('--dry-run', '--json', '--mission', MISSION_SLUG),
      await runCli(world, ['agent', 'mission', 'finalize-tasks', '--mission', MISSION_SLUG, '--json']),
    ]
    for (const { json } of answers) expect(json).toMatchObject({ code })
    if (code === 'not_ready')
      expect(answers[0]?.json).toMatchObject({ error: expect.stringContaining(`gone: ${DIR}/lanes.json, `) })
    const [{ hint = '' } = {}] = answers.map(({ json }) => json as { hint?: string })
    execSync(hint.replace('Take them back: ', ''), { cwd: world.root, env: world.env })
    expect(world.git('diff', '--name-only', whole, '--', DIR)).toBe('')
  })

  test('a mission without lanes is told to finalize', async () => {
    addApprovedMission(world, { lanes: false })
    expect((await run('--dry-run', '--json')).json).toMatchObject({ code: 'tasks_not_finalized' })
  })
})

describe('resume and abort', () => {
  beforeEach(() => {
    addReadyMission(world)
  })

  test('nothing to resume, nothing to abort', async () => {
    const before = snapshot()
    expect((await run('--resume', '--json')).json).toMatchObject({
      code: 'no_merge_to_resume',
      error: 'No interrupted merge to resume.',
    })
    const aborted = await run('--abort')
    expect(aborted).toMatchObject({ status: 0, stdout: expect.stringContaining('No active merge state') })
    expect(snapshot()).toEqual(before)
  })

  test('abort without a mission at all', async () => {
    world.git('rm', '-qr', 'kitty-specs')
    expect((await run('--abort', '--json')).json).toMatchObject({ aborted: false, mission_slug: null })
  })

  test('after a refusal, --resume goes on with the same options', async () => {
    world.write('.gitignore', 'x\n')
    expect((await run('--strategy', 'merge', '--keep-branch')).status).toBe(1)
    expect(v.parse(MergeState, JSON.parse(world.read(JOURNAL))).phase).toBe('refused')
    world.git('checkout', '-q', '.gitignore')
    const answer = await run('--resume', '--json')
    expect(answer.json).toMatchObject({ result: 'success', strategy: 'merge', deleted_branches: [] })
  })

  test('after a refusal, --abort forgets it and a plain merge begins anew', async () => {
    world.write('.gitignore', 'x\n')
    await run('--strategy', 'merge')
    expect((await run('--abort')).stdout).toContain('No branch had moved')
    world.git('checkout', '-q', '.gitignore')
    expect((await run('--json')).json).toMatchObject({ result: 'success', strategy: 'squash' })
  })

  test('state of the Python edition: resumed by merging, or dropped', async () => {
    const state = '.kittify/runtime/merge/01KQW4DF0000000000000000A1/state.json'
    const lock = '.kittify/runtime/merge/__global_merge__/lock'
    world.write(state, '{}')
    world.write(lock, '')
    expect((await run('--abort')).stdout).toContain('Aborted merge')
    expect([world.exists(state), world.exists(lock)]).toEqual([false, false])
    world.write(state, '{}')
    expect((await run('--resume', '--json')).json).toMatchObject({ result: 'success' })
    expect(world.exists(state)).toBe(false)
    expectMerged()
  })

  test('a journal that is garbage is named', async () => {
    world.write(JOURNAL, 'garbage')
    expect((await run('--json')).json).toMatchObject({
      code: 'file_malformed',
      hint: expect.stringContaining(JOURNAL),
    })
  })

  test('a merge that has gone on from the target cannot be taken back', async () => {
    putFiles(join(world.root, '.git'), { 'hooks/pre-push': { run: '#!/bin/sh\nexit 1\n' } })
    world.gitAt(world.dir, 'init', '-q', '--bare', 'origin.git')
    world.git('remote', 'add', 'origin', join(world.dir, 'origin.git'))
    expect((await run('--push')).status).toBe(1)
    world.write('later.txt', 'x')
    world.commit('later')
    const answer = await run('--abort', '--json')
    expect(answer.json).toMatchObject({ code: 'merge_not_abortable', backup_refs: expect.any(Array) })
    expect((await run('--resume', '--json')).status).toBe(1)
    putFiles(join(world.root, '.git'), { 'hooks/pre-push': null })
    expect((await run('--resume', '--json')).json).toMatchObject({ result: 'success' })
    expectMerged()
  })

  /** The same world, where the merge dies as soon as a change of this kind (and of this file) is to be performed. */
  function dyingAt(kind: string, name = ''): { readonly ports: Ports } {
    const { ports } = world
    const apply: Ports['apply'] = changes => {
      const fatal = changes.some(
        change => change.kind === kind && (!('path' in change) || change.path.endsWith(name)),
      )
      return fatal ? Promise.reject(new Error('killed')) : ports.apply(changes)
    }
    return { ports: { ...ports, apply } }
  }

  test.each([
    ['before the branches moved', 'update_refs', ''],
    ['before the checkout followed', 'move_checkout', ''],
    ['before cleaning up', 'remove_worktree', ''],
    ['before the journal went', 'delete_file', `${MISSION_SLUG}.json`],
  ])('interrupted %s: --abort restores, --resume finishes', async (_, kind, name) => {
    world.write('notes.txt', 'mine')
    world.write(`${DIR}/tasks.md`, '# ticked\n')
    world.write(`.kittify/workspaces/${MISSION_SLUG}-lane-a.json`, '{}')
    const before = snapshot()
    const tasks = () => [
      world.read(`${DIR}/tasks.md`),
      world.exists(`.kittify/workspaces/${MISSION_SLUG}-lane-a.json`),
    ]
    expect((await runCli(dyingAt(kind, name), ['merge'])).status).toBe(1)
    expect(codes(await dryRun())).toContain('merge_in_progress')
    expect((await run('--json')).status).toBe(1)
    expect((await run('--abort', '--json')).json).toMatchObject({ result: 'aborted', aborted: true })
    expect(snapshot()).toEqual(before)
    expect(tasks()).toEqual(['# ticked\n', true])
    expect(world.exists(JOURNAL)).toBe(false)

    expect((await runCli(dyingAt(kind, name), ['merge'])).status).toBe(1)
    expect((await run('--resume', '--json')).json).toMatchObject({ result: 'success', resumed: true })
    world.git('clean', '-fdq', 'notes.txt')
    expectMerged()
    expect(tasks()).toEqual(['# ticked\n', false])
  })

  test('an abort that was interrupted itself goes on as an abort', async () => {
    const before = snapshot()
    await runCli(dyingAt('remove_worktree'), ['merge'])
    expect((await runCli(dyingAt('move_checkout'), ['merge', '--abort'])).status).toBe(1)
    expect((await run('--resume', '--json')).json).toMatchObject({ code: 'merge_not_resumable' })
    expect((await dryRun()).blockers[0]).toMatchObject({ remediation: expect.stringContaining('--abort') })
    expect((await run('--abort')).status).toBe(0)
    expect(snapshot()).toEqual(before)
  })

  test('branches that moved before the merge landed: it is built anew', async () => {
    await runCli(dyingAt('update_refs'), ['merge'])
    world.write('hotfix.txt', 'fix\n')
    world.commit('hotfix')
    expect((await run('--resume', '--json')).json).toMatchObject({ result: 'success' })
    expect(world.read('hotfix.txt')).toBe('fix\n')
    expectMerged()
  })

  test('a file of the carried bookkeeping that was edited meanwhile is not overwritten', async () => {
    world.write(`${DIR}/tasks.md`, '# ticked\n')
    await runCli(dyingAt('move_checkout'), ['merge'])
    world.write(`${DIR}/tasks.md`, '# edited since\n')
    expect((await run('--resume', '--json')).json).toMatchObject({
      code: 'dirty_worktree',
      error: expect.stringContaining('tasks.md'),
    })
    expect(world.read(`${DIR}/tasks.md`)).toBe('# edited since\n')
    expect((await run('--abort')).status).toBe(0)
    expect(world.read(`${DIR}/tasks.md`)).toBe('# edited since\n')
    expect((await run('--json')).json).toMatchObject({ result: 'success' })
    expect(world.git('show', `main:${DIR}/tasks.md`)).toBe('# edited since')
    expectMerged()
  })

  test('cleaning up keeps what has new work in it', async () => {
    await runCli(dyingAt('remove_worktree'), ['merge'])
    world.write(`${lanePathOf('lane-a')}/late.txt`, 'late')
    commitIn(world, lanePathOf('lane-b'), { 'late.txt': 'late' }, 'late')
    const answer = (await run('--resume', '--json')).json as MergeDone
    expect(answer.kept.map(({ subject }) => subject)).toEqual([
      join(world.root, lanePathOf('lane-a')),
      `refs/heads/${laneBranchOf('lane-a')}`,
      `refs/heads/${laneBranchOf('lane-b')}`,
    ])
    expect(world.read(`${lanePathOf('lane-a')}/late.txt`)).toBe('late')
    expect(world.git('show', `${laneBranchOf('lane-b')}:late.txt`)).toBe('late')
  })

  test('two journals: the mission has to be named', async () => {
    world.write(JOURNAL.replace(MISSION_SLUG, 'other'), '{}')
    world.write(JOURNAL, '{}')
    world.write('kitty-specs/other/meta.json', '{}\n')
    const answer = await run('--resume', '--json')
    expect(answer.json).toMatchObject({ code: 'mission_required' })
  })
})
