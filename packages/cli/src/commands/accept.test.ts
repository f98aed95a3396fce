import { Accepted, AcceptSummary } from '@spec-kitty/contracts/cli/accept'
import { trustKey } from '@spec-kitty/core/repo/project/trust'
import { addMission, advance, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

const DIR = `kitty-specs/${MISSION_SLUG}`
const MATRIX = `${DIR}/acceptance-matrix.json`
const META = `${DIR}/meta.json`

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

const run = (...words: string[]): ReturnType<typeof runCli> => runCli(world, ['accept', ...words])
const criterion = (id: string, over = {}): object => ({
  criterion_id: id,
  description: id,
  proof_type: 'automated_test',
  evidence: '',
  pass_fail: 'pending',
  verified_by: null,
  verified_at: null,
  notes: null,
  ...over,
})

function writeMatrix(criteria: object[], invariants: object[] = []): void {
  const matrix = {
    mission_slug: MISSION_SLUG,
    mission_number: '',
    mission_type: 'software-dev',
    overall_verdict: 'pending',
    criteria,
    negative_invariants: invariants,
  }
  world.write(MATRIX, `${JSON.stringify(matrix, null, 2)}\n`)
}

/** Both packages approved by bob, each covering one requirement; everything committed. */
function ready(): void {
  addMission(world, { tasksMd: '# Tasks\n\n## WP01\n\n- [x] T011 a\n\n## WP02\n\n- [x] T021 b\n' })
  for (const [wp, requirement] of [
    ['WP01', 'FR-001'],
    ['WP02', 'FR-002'],
  ] as const) {
    const path = `${DIR}/tasks/${wp}-demo.md`
    const lines = `requirement_refs:\n- ${requirement}\nagent: claude\nshell_pid: "1"\n`
    world.write(path, world.read(path).replace('history: []\n', `${lines}history: []\n`))
  }
  advance(world, 'WP01', 'approved', 10)
  advance(world, 'WP02', 'approved', 20)
  writeMatrix([criterion('FR-001'), criterion('FR-002')])
  world.commit('ready')
}

function editMeta(edit: (meta: Record<string, unknown>) => void): void {
  const meta = JSON.parse(world.read(META)) as Record<string, unknown>
  edit(meta)
  world.write(META, `${JSON.stringify(meta, null, 2)}\n`)
}

/** Agrees to a check of the repository. */
const allow = (command: string): void =>
  world.write('.git/spec-kitty-trust', `${trustKey({ setting: 'custom_command', command })} me\n`)

describe('accept', () => {
  it('records the acceptance in one commit and leaves the tree clean', async () => {
    ready()
    const head = world.git('rev-parse', 'HEAD')
    const answer = await run('--actor', 'ann', '--json')
    expect(answer.status).toBe(0)
    const result = v.parse(v.strictObject(Accepted.entries), answer.json)
    expect(result).toMatchObject({
      accepted_by: 'ann',
      mode: 'local',
      parent_commit: head,
      accept_commit: head,
      record_commit: world.git('rev-parse', 'HEAD'),
      commit_created: true,
      accepted_wps: ['WP01', 'WP02'],
      approved_wps: ['WP01', 'WP02'],
      done_wps: [],
      merge_pending_wps: ['WP01', 'WP02'],
      summary: { ok: true },
    })
    expect(world.git('log', '--format=%s', `${head}..HEAD`)).toBe(`Accept ${MISSION_SLUG}`)
    expect(world.git('status', '--porcelain')).toBe('')
    const meta = JSON.parse(world.git('show', `HEAD:${META}`)) as Record<string, unknown>
    expect(meta).toMatchObject({
      accepted_at: result.accepted_at,
      accepted_by: 'ann',
      acceptance_mode: 'local',
      accept_commit: result.accept_commit,
      accepted_from_commit: head,
    })
    expect(meta.acceptance_history).toHaveLength(1)
  })

  it('takes approvals as the evidence of requirements they cover', async () => {
    ready()
    await run()
    const matrix = JSON.parse(world.read(MATRIX)) as { overall_verdict: string; criteria: object[] }
    expect(matrix.overall_verdict).toBe('pass')
    expect(matrix.criteria[0]).toMatchObject({
      pass_fail: 'pass',
      proof_type: 'code_review',
      evidence: 'WP01 approved by bob (review:WP01)',
      verified_by: 'bob',
    })
  })

  it('holds up for a requirement that no package covers, with the remedy, and writes nothing', async () => {
    ready()
    writeMatrix([criterion('FR-001'), criterion('FR-009')])
    world.commit('another requirement')
    const head = world.git('rev-parse', 'HEAD')
    const answer = await run('--json')
    expect(answer.status).toBe(1)
    const summary = v.parse(v.strictObject(AcceptSummary.entries), answer.json)
    expect(summary.failed_checks).toEqual([
      {
        check: 'activity',
        detail: 'Acceptance matrix: FR-009 is pending',
        remedy: expect.stringContaining('acceptance-matrix.json'),
      },
    ])
    expect(summary).toMatchObject({ ok: false, all_done: true, code: 'not_ready' })
    expect(world.git('rev-parse', 'HEAD')).toBe(head)
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('commits evidence that a person recorded by hand', async () => {
    ready()
    const proof = {
      proof_type: 'manual_qa',
      pass_fail: 'pass',
      evidence: 'tried',
      verified_by: 'ann',
      verified_at: 'today',
    }
    writeMatrix([criterion('FR-001', proof)])
    expect((await run()).status).toBe(0)
    expect(world.git('status', '--porcelain')).toBe('')
    expect(world.git('show', `HEAD:${MATRIX}`)).toContain('tried')
  })

  it('lists everything at once for a mission that has not begun', async () => {
    addMission(world)
    world.write('stray.txt', 'x')
    const answer = await run('--json')
    expect(answer.status).toBe(1)
    const summary = answer.json as AcceptSummary
    expect(new Set(summary.failed_checks.map(check => check.check))).toEqual(
      new Set(['unchecked_tasks', 'metadata', 'activity', 'git_dirty']),
    )
    expect(summary.git_dirty).toContain('?? stray.txt')
    expect(summary.lanes).toMatchObject({ planned: ['WP01', 'WP02'], approved: [] })
    const human = await run()
    expect(human.status).toBe(1)
    expect(human.stdout).toContain("WP01: canonical lane is 'planned'")
    expect(human.stdout).toContain('→ spec-kitty agent action implement WP01')
  })

  it('only reports with --mode checklist, --no-commit and --diagnose', async () => {
    ready()
    const head = world.git('rev-parse', 'HEAD')
    expect(await run('--mode', 'checklist', '--json')).toMatchObject({ status: 0, json: { ok: true } })
    expect(await run('--no-commit', '--json')).toMatchObject({
      status: 0,
      json: { commit_created: false, record_commit: null },
    })
    expect((await run('--no-commit')).stdout).toContain(
      'is ready to be accepted (2 work packages); nothing was written.',
    )
    world.write('stray.txt', 'x')
    expect(await run('--no-commit', '--json')).toMatchObject({
      status: 1,
      json: { ok: false, code: 'not_ready' },
    })
    expect(await run('--mode', 'checklist', '--json')).toMatchObject({ status: 1, json: { ok: false } })
    expect(await run('--diagnose', '--json')).toMatchObject({
      status: 0,
      json: { ok: false, diagnose: true },
    })
    expect(world.git('rev-parse', 'HEAD')).toBe(head)
    expect(world.git('status', '--porcelain')).toBe('?? stray.txt')
  })

  it('knows a remote, and says what comes next', async () => {
    ready()
    world.git('remote', 'add', 'origin', 'https://example.com/x.git')
    const answer = await run()
    expect(answer.stdout).toContain(`Accepted ${MISSION_SLUG} (2 work packages) as Test User, pr.`)
    expect(answer.stdout).toContain(`spec-kitty merge --mission ${MISSION_SLUG}`)
    expect(answer.stdout).toContain('git push origin main')
  })

  it('records the commit by which a forge landed the mission', async () => {
    world.commit('before')
    const before = world.git('rev-parse', 'HEAD').trim()
    world.git('switch', '-qc', 'topic')
    ready()
    for (const file of [META, `${DIR}/lanes.json`])
      world.write(file, world.read(file).replace('"topic"', '"main"'))
    world.commit('on main')
    world.git('switch', '-q', 'main')
    world.git('merge', '-q', '--squash', 'topic')
    world.commit('landed')
    const landed = world.git('rev-parse', 'HEAD').trim()
    for (const [sha, why] of [
      ['--all', 'is no commit id'],
      ['0000000', 'is no commit of this repository'],
      [before, 'has no parent'],
      [world.git('rev-parse', 'topic~1').trim(), 'is not on main'],
    ] as const) {
      const answer = await run('--mode', 'pr', `--merge-commit=${sha}`, '--json')
      expect(answer).toMatchObject({ status: 1, json: { error: expect.stringContaining(why) } })
    }
    expect(await run('--mode', 'local', '--merge-commit', landed)).toMatchObject({ status: 2 })
    expect(world.git('rev-parse', 'HEAD').trim()).toBe(landed)
    const attest = '--attest-first-landing-commit'
    expect((await run('--mode', 'pr', '--merge-commit', landed, attest)).status).toBe(0)
    expect(JSON.parse(world.read(META))).toMatchObject({
      acceptance_mode: 'pr',
      baseline_merge_commit: before,
      merged_commit: landed,
      pr_merge_commit: landed,
      pr_merge_evidence: 'corpus-parent-attested',
    })
  })

  it('runs the tests it is given', async () => {
    ready()
    expect((await run('--test', 'exit 3', '--json')).json).toMatchObject({
      ok: false,
      activity_issues: ["Test 'exit 3' exited with 3"],
    })
    const answer = await run('--test', 'true', '--test', 'test -f README.md || true', '--json')
    expect(answer.json).toMatchObject({ notes: ['Passed: true', 'Passed: test -f README.md || true'] })
    const meta = JSON.parse(world.read(META)) as { acceptance_history: object[] }
    expect(meta.acceptance_history[0]).toMatchObject({
      validation_commands: ['true', 'test -f README.md || true'],
    })
  })

  it('looks for what must be gone in what the merge would bring', async () => {
    ready()
    world.write('src/old.py', 'def old_name(): pass\n')
    writeMatrix(
      [],
      [
        {
          invariant_id: 'NI-1',
          verification_method: 'grep_absence',
          verification_command: 'old_name',
          result: 'pending',
          evidence: '',
        },
        {
          invariant_id: 'NI-2',
          verification_method: 'custom_command',
          verification_command: 'true',
          result: 'pending',
          evidence: '',
        },
      ],
    )
    world.commit('old code')
    expect((await run('--json')).json).toMatchObject({ code: 'setup_not_trusted' })
    allow('true')
    const refused = await run('--json')
    expect((refused.json as AcceptSummary).activity_issues).toEqual([
      'Acceptance matrix: invariant NI-1 is still_present: src/old.py:1:def old_name(): pass',
    ])
    const lane = `kitty/mission-${MISSION_SLUG}-lane-a`
    world.git('worktree', 'add', '-q', '-b', lane, '../lane')
    world.gitAt('../lane', 'rm', '-q', 'src/old.py')
    world.gitAt('../lane', 'commit', '-qm', 'remove')
    expect(await run('--json')).toMatchObject({ status: 0 })
    expect(world.read(MATRIX)).toContain('"confirmed_absent"')
  })

  it('names an invariant that cannot be checked', async () => {
    ready()
    const method = {
      verification_method: 'grep_absence',
      verification_command: '',
      result: 'pending',
      evidence: '',
    }
    writeMatrix(
      [],
      [
        { ...method, invariant_id: 'NI-1' },
        { ...method, invariant_id: 'NI-2', verification_command: '\\(' },
        { ...method, invariant_id: 'NI-3', verification_method: 'custom_command' },
        {
          ...method,
          invariant_id: 'NI-4',
          verification_method: 'custom_command',
          verification_command: 'echo nope; false',
        },
        { ...method, invariant_id: 'NI-5', verification_method: 'manual' },
      ],
    )
    world.commit('invariants')
    allow('echo nope; false')
    const issues = ((await run('--json')).json as AcceptSummary).activity_issues.join('\n')
    expect(issues).toMatch(
      /NI-1 is verification_error.*\n.*NI-2 is verification_error.*\n.*NI-3 is verification_error.*\n.*NI-4 is still_present: nope\n.*NI-5 is pending/,
    )
  })

  it('lets settled questions rest', async () => {
    ready()
    const marker = '[NEEDS CLARIFICATION: db] <!-- decision_id: 01KQW4DF00000000000000000D -->'
    world.write(`${DIR}/spec.md`, `${world.read(`${DIR}/spec.md`)}\n${marker}\n`)
    world.commit('question')
    expect((await run('--json')).json).toMatchObject({
      ok: false,
      needs_clarification: [expect.stringContaining('spec.md:')],
    })
    const entry = { decision_id: '01KQW4DF00000000000000000D', status: 'resolved' }
    world.write(`${DIR}/decisions/index.json`, JSON.stringify({ entries: [entry] }))
    world.commit('answer')
    expect((await run('--json')).status).toBe(0)
  })

  it('refuses an unknown mission, a protected branch and a broken matrix', async () => {
    ready()
    expect(await run('--mission', 'nope', '--json')).toMatchObject({
      status: 2,
      json: { error: 'mission_not_found', handle: 'nope' },
    })
    world.write('.kittify/config.yaml', 'protected_branches:\n- main\n')
    world.commit()
    expect((await run('--json')).json).toMatchObject({ code: 'protected_branch' })
    world.write(MATRIX, '[')
    expect((await run('--json')).json).toMatchObject({ code: 'file_malformed' })
  })

  it('accepts beside bookkeeping that is left uncommitted on purpose', async () => {
    ready()
    world.write('.kittify/config.yaml', 'agents:\n  auto_commit: false\n')
    world.commit('config')
    const head = world.git('rev-parse', 'HEAD')
    editMeta(meta => {
      meta.note = 'mine'
    })
    expect(await run('--json')).toMatchObject({ status: 0, json: { commit_created: false } })
    expect(world.git('rev-parse', 'HEAD')).toBe(head)
    expect(JSON.parse(world.read(META))).toMatchObject({ accepted_by: 'Test User', note: 'mine' })
  })
})
