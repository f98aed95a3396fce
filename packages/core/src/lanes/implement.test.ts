import { execFileSync, execSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { KittyError } from '@spec-kitty/contracts/errors'
import { addMission, advance, appendEvents, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { trustKey } from '../repo/project/trust.ts'
import type { Ports } from '../world/ports.ts'
import { implement } from './implement.ts'
import type { ImplementInput } from './start.ts'

const MISSION_BRANCH = `kitty/mission-${MISSION_SLUG}`
const LANE_A = `${MISSION_BRANCH}-lane-a`
const LANE_B = `${MISSION_BRANCH}-lane-b`
const PATH_A = `.worktrees/${MISSION_SLUG}-lane-a`
const PATH_B = `.worktrees/${MISSION_SLUG}-lane-b`
const DIR = `kitty-specs/${MISSION_SLUG}`

let world: World
beforeEach(() => {
  world = createWorld()
  addMission(world)
  world.commit('mission')
})
afterEach(() => world.cleanup())

const run = (input: Partial<ImplementInput> = {}): ReturnType<typeof implement> =>
  implement(world.ports, { wpId: 'WP01', ...input })

async function refusal(input: Partial<ImplementInput> = {}): Promise<KittyError> {
  const before = state()
  const problem = await run(input).then(
    () => undefined,
    (cause: unknown) => cause,
  )
  expect(problem).toBeInstanceOf(KittyError)
  expect(state()).toEqual(before)
  return problem as KittyError
}

/** Everything a refusal must leave alone. */
function state(): unknown {
  return {
    refs: world.git('for-each-ref'),
    worktrees: world.git('worktree', 'list', '--porcelain'),
    status: world.git('status', '--porcelain', '--ignored'),
    log: world.read(`${DIR}/status.events.jsonl`),
  }
}

function moves(wp: string): string[] {
  return world
    .read(`${DIR}/status.events.jsonl`)
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, string>)
    .filter(event => event.wp_id === wp)
    .map(event => `${event.from_lane}>${event.to_lane} ${event.actor}`)
}

/** Approves WP01 with `files` committed on its lane. */
async function approveFirst(files: Record<string, string>): Promise<void> {
  await run({ agent: 'claude' })
  for (const [name, text] of Object.entries(files)) world.write(`${PATH_A}/${name}`, text)
  world.gitAt(PATH_A, 'add', '-A')
  world.gitAt(PATH_A, 'commit', '-qm', 'work')
  const steps = ['in_progress', 'for_review', 'in_review', 'approved']
  appendEvents(
    world,
    steps.slice(1).map((to, i) =>
      eventRow('WP01', steps[i] ?? '', to, 0, {
        at: `2026-03-01T00:00:0${i}.000000+00:00`,
        event_id: `01KQX${i}`,
      }),
    ),
  )
  world.git('add', '-A')
  world.git('commit', '-qm', 'approved')
}

describe('implement', () => {
  it.each(['{tool: claude, model: opus}', '"claude:opus:x:y"'])(
    'keeps what the entry of the same agent says beside: %s',
    async entry => {
      const path = `${DIR}/tasks/WP01-demo.md`
      world.write(path, world.read(path).replace('---\n', `---\nagent: ${entry}\n`))
      world.commit()
      await run({ agent: 'claude' })
      expect(world.read(path)).toContain(`agent: ${entry}\n`)
    },
  )

  it('makes mission branch, lane branch, worktree and context, and records it all in one commit', async () => {
    const before = world.git('rev-list', '--count', 'HEAD')
    const answer = await run({ agent: 'claude' })
    expect(answer).toMatchObject({
      workspace: PATH_A,
      workspace_path: PATH_A,
      branch: LANE_A,
      wp_id: 'WP01',
      lane_id: 'lane-a',
      execution_mode: 'code_change',
      status: 'created',
      reused: false,
      base_branch: MISSION_BRANCH,
      lane_test_env: { SPEC_KITTY_TEST_DB_NAME: 'test_demo_feature_01KQW4DF_lane_a' },
    })
    expect(world.gitAt(PATH_A, 'symbolic-ref', '--short', 'HEAD')).toBe(LANE_A)
    expect(world.git('rev-parse', MISSION_BRANCH)).toBe(answer.base_commit)
    expect(moves('WP01').slice(1)).toEqual(['planned>claimed claude', 'claimed>in_progress claude'])
    expect(world.git('rev-list', '--count', 'HEAD')).toBe(String(Number(before) + 1))
    expect(world.git('log', '-1', '--format=%s')).toBe('chore: WP01 claimed for implementation')
    expect(world.git('status', '--porcelain')).toBe('')
    expect(world.gitAt(PATH_A, 'status', '--porcelain')).toBe('')
    const wp = world.read(`${DIR}/tasks/WP01-demo.md`)
    for (const key of [
      'agent: "claude"',
      'shell_pid: "',
      `base_branch: "${MISSION_BRANCH}"`,
      `base_commit: "${answer.base_commit}"`,
      'created_at: "',
    ]) {
      expect(wp).toContain(key)
    }
    expect(JSON.parse(world.read(`${DIR}/meta.json`))).toMatchObject({
      vcs: 'git',
      vcs_locked_at: expect.any(String),
    })
    expect(JSON.parse(world.read(`.kittify/workspaces/${MISSION_SLUG}-lane-a.json`))).toMatchObject({
      wp_id: 'WP01',
      current_wp: 'WP01',
      branch_name: LANE_A,
      base_branch: MISSION_BRANCH,
      worktree_path: PATH_A,
      lane_wp_ids: ['WP01'],
      vcs_backend: 'git',
      created_by: 'implement-command-lane',
    })
  })

  it('keeps worktrees out of git status where the project does not ignore them', async () => {
    expect(world.exists('.gitignore')).toBe(false)
    await run()
    expect(world.git('status', '--porcelain')).toBe('')
    expect(world.read('.git/info/exclude')).toContain('/.worktrees/\n')
  })

  it('claims two lanes with consecutive stamps', async () => {
    await run()
    const events = world.read(`${DIR}/status.events.jsonl`).trim().split('\n').slice(-2)
    const [first, second] = events.map(line => (JSON.parse(line) as { at: string }).at.slice(-12, -6))
    expect(Number(second) - Number(first)).toBe(1)
  })

  it('goes on quietly for the agent that has it, also with uncommitted work', async () => {
    await run({ agent: 'claude' })
    world.write(`${PATH_A}/half.py`, 'x')
    const head = world.git('rev-parse', 'HEAD')
    expect(await run({ agent: 'claude' })).toMatchObject({ reused: true, workspace: PATH_A })
    expect(await run()).toMatchObject({ reused: true })
    expect(world.git('rev-parse', 'HEAD')).toBe(head)
    expect(moves('WP01')).toHaveLength(3)
  })

  it('refuses another agent by name', async () => {
    await run({ agent: 'claude' })
    const problem = await refusal({ agent: 'bob' })
    expect(problem.code).toBe('claimed_by_other')
    expect(problem.message).toBe("WP01 is being worked on by 'claude', not by 'bob'")
    expect(problem.toJson()).toMatchObject({ status: 'error', wp_id: 'WP01', owner: 'claude' })
  })

  it('names the dependencies that are not approved', async () => {
    const problem = await refusal({ wpId: 'WP02' })
    expect(problem.code).toBe('dependencies_not_satisfied')
    expect(problem.message).toContain('dependencies_not_satisfied: WP02 depends on WP01; ')
    expect(problem.toJson()).toMatchObject({ status: 'error', wp_id: 'WP02' })
  })

  it('says what to change when a dependency was canceled', async () => {
    appendEvents(world, [eventRow('WP01', 'planned', 'canceled', 9)])
    expect((await refusal({ wpId: 'WP02' })).hint).toBe(
      `Take WP01 out of the dependencies of WP02 (its file and tasks.md), then: spec-kitty agent mission finalize-tasks --mission ${MISSION_SLUG}`,
    )
  })

  it('asks neither spec nor plan of a package that is planned', async () => {
    world.write(`${DIR}/spec.md`, ' \n')
    world.git('rm', '-q', `${DIR}/plan.md`)
    await run()
  })

  it.each(['for_review', 'in_review', 'approved', 'done'] as const)('has nothing to do in %s', async lane => {
    advance(world, 'WP01', lane, 10)
    expect((await refusal()).code).toBe('illegal_transition')
  })

  it('refuses tasks that are not finalized', async () => {
    world.write(`${DIR}/tasks/WP03-x.md`, '---\nwork_package_id: WP03\ntitle: T\n---\n')
    expect((await refusal({ wpId: 'WP03' })).code).toBe('tasks_not_finalized')
    expect((await refusal({ wpId: 'WP09' })).code).toBe('wp_not_found')
  })

  it('starts from the approved code of the lanes it depends on', async () => {
    await approveFirst({ 'src/a.py': 'A\n' })
    const answer = await run({ wpId: 'WP02' })
    expect(world.read(`${PATH_B}/src/a.py`)).toBe('A\n')
    expect(answer).toMatchObject({
      branch: LANE_B,
      merged_lanes: ['lane-a'],
      base_commit: world.git('rev-parse', LANE_B),
    })
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('merges the dependency into a lane that has its own commits', async () => {
    await approveFirst({ 'src/a.py': 'A\n' })
    world.git('branch', LANE_B, MISSION_BRANCH)
    world.git('worktree', 'add', '-q', PATH_B, LANE_B)
    world.write(`${PATH_B}/b.py`, 'B\n')
    world.gitAt(PATH_B, 'add', '-A')
    world.gitAt(PATH_B, 'commit', '-qm', 'own')
    await run({ wpId: 'WP02' })
    expect(world.read(`${PATH_B}/src/a.py`)).toBe('A\n')
    expect(world.gitAt(PATH_B, 'log', '-1', '--format=%s')).toBe('Merge dependency lane lane-a into lane-b')
    expect(world.gitAt(PATH_B, 'status', '--porcelain')).toBe('')
  })

  it('changes nothing when a dependency conflicts, and its remedy works', async () => {
    await approveFirst({ 'x.py': 'A\n' })
    world.git('branch', LANE_B, MISSION_BRANCH)
    world.git('worktree', 'add', '-q', PATH_B, LANE_B)
    world.write(`${PATH_B}/x.py`, 'B\n')
    world.gitAt(PATH_B, 'add', '-A')
    world.gitAt(PATH_B, 'commit', '-qm', 'own')
    const problem = await refusal({ wpId: 'WP02' })
    expect(problem.code).toBe('dependency_lane_conflict')
    expect(problem.data).toMatchObject({ error_code: 'DEPENDENCY_LANE_MERGE_CONFLICT', files: ['x.py'] })
    expect(() => world.gitAt(PATH_B, 'merge', '-q', LANE_A)).toThrow()
    world.write(`${PATH_B}/x.py`, 'AB\n')
    world.gitAt(PATH_B, 'commit', '-qam', 'resolved')
    expect((await run({ wpId: 'WP02' })).merged_lanes).toEqual([])
  })

  it('says where it keeps what was staged in a folder that is gone', async () => {
    await run()
    world.write(`${PATH_A}/b.py`, 'staged')
    world.gitAt(PATH_A, 'add', '-A')
    rmSync(join(world.root, PATH_A), { recursive: true })
    const [warning = ''] = (await run()).warnings
    const ref = world.git('for-each-ref', '--format=%(refname)', 'refs/kitty/backup/')
    expect(warning).toContain(`below ${ref.slice(0, ref.lastIndexOf('/') + 1)}: b.py`)
    expect(world.git('show', `${ref}:b.py`)).toBe('staged')
  })

  it('leads on where a dependency has no common history with the lane', async () => {
    await approveFirst({ 'x.py': 'A\n' })
    const own = world.git('commit-tree', '-m', 'anew', `${MISSION_BRANCH}^{tree}`)
    world.git('worktree', 'add', '-q', '-b', LANE_B, PATH_B, own)
    const { code, hint = '' } = await refusal({ wpId: 'WP02' })
    expect(code).toBe('dependency_lane_conflict')
    execSync(hint.replace('Resolve it by hand, then run implement again: ', ''), {
      env: world.env,
      stdio: 'pipe',
    })
    expect((await run({ wpId: 'WP02' })).merged_lanes).toEqual([])
    expect(world.read(`${PATH_B}/x.py`)).toBe('A\n')
  })

  it('unites the logs of a lane and of the one it depends on', async () => {
    const log = `${DIR}/status.events.jsonl`
    const note = (id: string) =>
      `${JSON.stringify({ at: '2026-05-05T10:00:00+00:00', delta: {}, event_id: id, kind: 'annotation', wp_id: 'WP01' })}\n`
    await approveFirst({ 'src/a.txt': 'A\n', [log]: world.read(log) + note('NOTE-A') })
    await run({ wpId: 'WP02', agent: 'claude' })
    world.write(`${PATH_B}/${log}`, world.read(`${PATH_B}/${log}`).replace(note('NOTE-A'), note('NOTE-B')))
    world.gitAt(PATH_B, 'commit', '-qam', 'note')
    world.write(`${PATH_A}/${log}`, `${world.read(`${PATH_A}/${log}`)}${note('NOTE-C')}`)
    world.gitAt(PATH_A, 'commit', '-qam', 'note')
    await run({ wpId: 'WP02', agent: 'claude' })
    for (const id of ['NOTE-A', 'NOTE-B', 'NOTE-C']) expect(world.read(`${PATH_B}/${log}`)).toContain(id)
  })

  it('never leaves out a dependency whose branch is gone, and its remedy works', async () => {
    await approveFirst({ 'src/a.py': 'A\n' })
    const tip = world.git('rev-parse', LANE_A)
    world.git('update-ref', `refs/remotes/origin/${LANE_A}`, tip)
    world.git('worktree', 'remove', PATH_A)
    world.git('branch', '-D', LANE_A)
    const problem = await refusal({ wpId: 'WP02' })
    expect(problem.data).toMatchObject({
      lane_id: 'lane-a',
      remediation: `git branch ${LANE_A} remotes/origin/${LANE_A}`,
    })
    world.git('branch', LANE_A, `remotes/origin/${LANE_A}`)
    expect((await run({ wpId: 'WP02' })).merged_lanes).toEqual(['lane-a'])
  })

  it('says so when a dependency never had a lane of its own', async () => {
    advance(world, 'WP01', 'approved', 10)
    world.commit('approved by hand')
    expect((await run({ wpId: 'WP02' })).warnings).toEqual([
      `Lane lane-a has no branch ${LANE_A}; nothing was taken from it.`,
    ])
  })

  it('brings approved code into a lane that lies idle, and makes its worktree', async () => {
    await approveFirst({ 'src/a.py': 'A\n' })
    world.git('branch', LANE_B, MISSION_BRANCH)
    expect(await run({ wpId: 'WP02' })).toMatchObject({ reused: false, merged_lanes: ['lane-a'] })
    expect(world.read(`${PATH_B}/src/a.py`)).toBe('A\n')
  })

  it('names the worktree to make where a lane without one has a conflict', async () => {
    await approveFirst({ 'x.py': 'A\n' })
    world.git('worktree', 'add', '-q', '-b', LANE_B, '../aside', MISSION_BRANCH)
    world.write('../aside/x.py', 'B\n')
    world.gitAt('../aside', 'add', '-A')
    world.gitAt('../aside', 'commit', '-qm', 'own')
    world.git('worktree', 'remove', '../aside')
    expect((await refusal({ wpId: 'WP02' })).hint).toContain(
      `git -C ${world.root} worktree add ${world.root}/${PATH_B} ${LANE_B} && cd`,
    )
  })

  it('refuses a mission whose target branch is not there', async () => {
    world.git('branch', '-m', 'other')
    expect((await refusal()).message).toContain("Target branch 'main' does not exist")
  })

  it('never replaces a lost lane branch, and its remedy works', async () => {
    const { base_commit: base } = await run()
    advanceBack()
    world.git('worktree', 'remove', '--force', PATH_A)
    world.git('branch', '-D', LANE_A)
    const problem = await refusal()
    expect(problem.code).toBe('lane_branch_lost')
    expect(problem.data.remediation).toBe(`git branch ${LANE_A} ${base}`)
    world.git('branch', LANE_A, base)
    expect(await run()).toMatchObject({ reused: false, base_commit: base })
  })

  /** Back to planned, as a rejected review does. */
  function advanceBack(): void {
    appendEvents(world, [
      eventRow('WP01', 'in_progress', 'planned', 0, {
        at: '2026-03-01T00:00:00.000000+00:00',
        event_id: '01KQY',
        force: true,
        reason: 'r',
      }),
    ])
    world.commit('back')
  }

  it('makes a worktree again whose folder was deleted', async () => {
    await run({ agent: 'claude' })
    world.write(`${PATH_A}/a.py`, 'A')
    world.gitAt(PATH_A, 'add', '-A')
    world.gitAt(PATH_A, 'commit', '-qm', 'work')
    world.git('clean', '-ffdxq', '.worktrees')
    expect(world.exists(PATH_A)).toBe(false)
    await run({ agent: 'claude' })
    expect(world.read(`${PATH_A}/a.py`)).toBe('A')
  })

  it('refuses a dirty lane, a folder that is no worktree and a branch that is elsewhere', async () => {
    await run()
    advanceBack()
    world.write(`${PATH_A}/x.py`, '1')
    expect((await refusal()).code).toBe('dirty_worktree')
    world.git('worktree', 'remove', '--force', PATH_A)
    world.write(`${PATH_A}/x.py`, '1')
    expect((await refusal()).message).toContain('is not a worktree')
    world.git('clean', '-ffdxq', '.worktrees')
    world.git('worktree', 'add', '-q', '../other', LANE_A)
    expect((await refusal()).message).toContain('is checked out in')
  })

  it('takes a repository inside a lane in as files, and leaves a worktree of this one whole', async () => {
    await run()
    advanceBack()
    world.write(`${PATH_A}/crate/main.rs`, 'code')
    world.git('init', '-q', `${PATH_A}/crate`)
    world.gitAt(PATH_A, 'worktree', 'add', '-q', '--detach', 'tools/inner')
    world.write(`${PATH_A}/tools/inner/wip`, 'wip')
    const { hint = '' } = await refusal()
    execFileSync('sh', ['-c', hint.replace(/^.*?: /, '')], {
      cwd: world.root,
      env: world.env,
      stdio: 'ignore',
    })
    await run()
    expect(world.git('ls-tree', '-r', '--name-only', LANE_A)).toContain('crate/main.rs')
    expect(world.read(`${PATH_A}-tools_inner/wip`)).toBe('wip')
    expect(world.gitAt(PATH_A, 'status', '--porcelain')).toBe('')
  })

  it('makes nothing where the claim cannot be committed', async () => {
    world.git('config', 'gpg.program', 'false')
    world.git('config', 'commit.gpgsign', 'true')
    const { hint = '' } = await refusal()
    execFileSync('sh', ['-c', hint], { cwd: world.root, env: world.env })
    world.git('config', 'core.autocrlf', 'true')
    world.git('config', 'core.safecrlf', 'true')
    expect((await refusal()).code).toBe('git_failed')
    world.git('config', 'core.safecrlf', 'false')
    expect(await run()).toMatchObject({ reused: false })
  })

  it('refuses a worktree on another branch', async () => {
    await run()
    world.gitAt(PATH_A, 'switch', '-qc', 'mine')
    expect((await refusal()).message).toContain(`is on mine, not on ${LANE_A}`)
  })

  it('starts where --base says', async () => {
    const first = world.git('rev-parse', 'HEAD')
    world.commit('later')
    expect(await run({ base: first })).toMatchObject({ base_branch: first, base_commit: first })
    expect((await refusal({ wpId: 'WP01', base: 'nowhere', agent: 'x' })).code).toBe('invalid_input')
  })

  it('leaves the bookkeeping uncommitted when told to', async () => {
    const head = world.git('rev-parse', 'HEAD')
    await run({ autoCommit: false })
    expect(world.git('rev-parse', 'HEAD')).toBe(head)
    expect(moves('WP01')).toHaveLength(3)
  })

  it('refuses a protected branch before anything is written', async () => {
    world.write('.kittify/config.yaml', 'protected_branches:\n- main\n')
    expect((await refusal()).code).toBe('protected_branch')
  })

  it('works from inside the lane worktree, on the mission of the primary checkout', async () => {
    await run({ agent: 'claude' })
    const answer = await implement(world.at(PATH_A), { wpId: 'wp01', agent: 'claude' })
    expect(answer.reused).toBe(true)
  })

  it('takes the first package that is ready when none is named', async () => {
    expect((await implement(world.ports, { agent: 'claude' })).wp_id).toBe('WP01')
    await expect(implement(world.ports, { agent: 'bob' })).rejects.toThrow('has its dependencies approved')
  })

  it('works on planning packages in the checkout itself', async () => {
    const lanes = JSON.parse(world.read(`${DIR}/lanes.json`)) as { lanes: { lane_id: string }[] }
    const [first] = lanes.lanes
    if (first !== undefined) first.lane_id = 'lane-planning'
    world.write(`${DIR}/lanes.json`, JSON.stringify(lanes))
    world.commit('planning')
    expect(await run()).toMatchObject({ workspace: '.', branch: 'main', execution_mode: 'planning_artifact' })
    expect(world.exists('.worktrees')).toBe(false)
    expect(world.git('status', '--porcelain')).toBe('')
  })
})

describe('a run that was killed', () => {
  it('is completed by the next one, after whatever step', async () => {
    const goal = {
      moves: ['genesis>planned finalize-tasks', 'planned>claimed claude', 'claimed>in_progress claude'],
      status: '',
      started: 2,
    }
    const outcome = (): object => ({
      moves: moves('WP01'),
      status: world.git('status', '--porcelain'),
      started: world.read(`${DIR}/tasks/WP01-demo.md`).split('Started implementation').length,
    })
    for (let steps = 0; ; steps++) {
      world.cleanup()
      world = createWorld()
      addMission(world)
      world.commit('mission')
      const killed = await implement(dyingAfter(world.ports, steps), { wpId: 'WP01', agent: 'claude' }).then(
        () => false,
        () => true,
      )
      await run({ agent: 'claude' })
      expect(outcome(), `killed after ${steps} changes`).toEqual(goal)
      expect(world.gitAt(PATH_A, 'status', '--porcelain')).toBe('')
      if (killed) continue
      expect(steps).toBeGreaterThan(8)
      return
    }
  })

  it('can be completed by its own agent although the front matter still names the reviewer', async () => {
    await run({ agent: 'claude' })
    const path = `${DIR}/tasks/WP01-demo.md`
    world.write(path, world.read(path).replace('agent: "claude"', 'agent: "bob"'))
    await run({ agent: 'claude' })
    expect(world.read(path)).toContain('agent: "claude"')
    expect(world.git('status', '--porcelain')).toBe('')
  })
})

/** Performs that many changes, one by one so that nothing is taken back, and dies. */
function dyingAfter(ports: Ports, steps: number): Ports {
  let left = steps
  return {
    ...ports,
    apply: async changes => {
      for (const change of changes) {
        if (left === 0) throw new Error('killed')
        left -= 1
        await ports.apply([change])
      }
    },
  }
}

describe('the set-up of a worktree', () => {
  const config = (text: string): void => {
    world.write('.kittify/config.yaml', `worktree:\n${text}`)
    const setup = /setup: "(.*)"/.exec(text)?.[1] ?? ''
    world.write('.git/spec-kitty-trust', `${trustKey({ setting: 'worktree.setup', command: setup })} me\n`)
    world.write('.gitignore', '.env\nconf/\n')
    world.write('.env', 'KEY=1\n')
    world.write('conf/deep/a.json', '{}')
    world.write('conf/deep/b.txt', '')
    world.commit('config')
  }

  it('copies what git does not carry and runs the command once', async () => {
    config(
      '  setup: "cat .env > made.txt && echo made.txt >> $(git rev-parse --git-path info/exclude)"\n  copy:\n  - .env\n  - "conf/**/*.json"\n',
    )
    await run({ agent: 'claude' })
    expect(world.read(`${PATH_A}/made.txt`)).toBe('KEY=1\n')
    expect(world.read(`${PATH_A}/conf/deep/a.json`)).toBe('{}')
    expect(world.exists(`${PATH_A}/conf/deep/b.txt`)).toBe(false)
    expect(world.read(`.kittify/runtime/worktree-setup/${MISSION_SLUG}-lane-a.log`)).toContain(
      'exit status 0',
    )
    world.write(`${PATH_A}/.env`, 'mine')
    await run({ agent: 'claude' })
    expect(world.read(`${PATH_A}/.env`)).toBe('mine')
  })

  it('does not hold up other agents while it runs', async () => {
    config(
      '  setup: "cat .kittify/config.yaml > /dev/null; touch ../running; while [ ! -e ../go ]; do sleep 0.05; done"\n',
    )
    const slow = run({ agent: 'claude' })
    while (!world.exists('.worktrees/running')) await new Promise(resolve => setTimeout(resolve, 20))
    const lock = await world.ports.locks.acquire(
      `${world.root}/.git/spec-kitty-locks/${MISSION_SLUG}.status.lock`,
      0,
    )
    lock.release()
    world.write('.worktrees/go', '')
    expect(await slow).toMatchObject({ reused: false })
  })

  it('lets the work begin although the set-up left files behind', async () => {
    config('  setup: "echo x > left.txt"\n')
    expect(await run({ agent: 'claude' })).toMatchObject({ reused: false, wp_id: 'WP01' })
    expect(world.gitAt(PATH_A, 'status', '--porcelain')).toBe('?? left.txt')
  })

  it('runs no command that nobody agreed to, word by word', async () => {
    config('  setup: "touch ../ran"\n')
    world.write('.kittify/config.yaml', 'worktree:\n  setup: "touch ../ran "\n')
    world.commit('another')
    const before = world.git('status', '--porcelain')
    await expect(run()).rejects.toMatchObject({
      code: 'setup_not_trusted',
      hint: expect.stringMatching(/: spec-kitty trust [\da-f]{32}$/),
      data: { setting: 'worktree.setup', command: 'touch ../ran ' },
    })
    expect([world.exists('.worktrees'), world.git('status', '--porcelain')]).toEqual([false, before])
  })

  it('leaves the package where it was when the command fails, and runs it again next time', async () => {
    config('  setup: "test -f ../ok || (echo no good; exit 3)"\n')
    await expect(run()).rejects.toMatchObject({ code: 'setup_failed' })
    expect(moves('WP01')).toHaveLength(1)
    expect(world.git('status', '--porcelain')).toBe('')
    expect(world.read(`.kittify/runtime/worktree-setup/${MISSION_SLUG}-lane-a.log`)).toContain('no good')
    world.write('.worktrees/ok', '')
    await run()
    expect(moves('WP01')).toHaveLength(3)
  })
})
