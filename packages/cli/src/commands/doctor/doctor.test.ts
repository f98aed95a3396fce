import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import {
  Doctor,
  DoctorIdentity,
  DoctorMissionState,
  DoctorStateRoots,
  DoctorWorkspaces,
} from '@spec-kitty/contracts/cli/doctor'
import {
  addMission,
  advance,
  appendEvents,
  eventRow,
  MISSION_ID,
  MISSION_SLUG,
} from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../testing/run-cli.ts'

const REL = `kitty-specs/${MISSION_SLUG}`
const LOG = `${REL}/status.events.jsonl`
const FIX = 'spec-kitty doctor --fix'
const LANE = `.worktrees/${MISSION_SLUG}-lane-a`
const LANE_BRANCH = `kitty/mission-${MISSION_SLUG}-lane-a`

let w: World
beforeEach(async () => {
  w = createWorld()
  w.write('code.ts', 'x\n')
  await runCli(w, ['init', '--ai', 'claude'])
  addMission(w)
  await runCli(w, ['agent', 'status', 'materialize'])
  w.commit()
})
afterEach(() => w.cleanup())

async function doctor(...words: string[]): Promise<Doctor> {
  const answer = await runCli(w, ['doctor', ...words, '--json'])
  expect(answer.stderr).toBe('')
  const result = v.parse(Doctor, answer.json)
  expect(answer.status).toBe(result.ok ? 0 : 1)
  return result
}
const edit = (path: string, change: (text: string) => string) => w.write(path, change(w.read(path)))
const editJson = (path: string, change: (value: Record<string, unknown>) => unknown) =>
  edit(path, text => {
    const value = JSON.parse(text)
    change(value)
    return JSON.stringify(value)
  })
/** WP01 in progress on its lane, with branch and worktree. */
function startLane(): void {
  w.git('branch', `kitty/mission-${MISSION_SLUG}`)
  w.git('worktree', 'add', '-q', '-b', LANE_BRANCH, LANE)
  const at = '2026-02-02T00:00:00.000000+00:00'
  appendEvents(w, [
    eventRow('WP01', 'planned', 'claimed', 100, { at }),
    eventRow('WP01', 'claimed', 'in_progress', 101, { at }),
  ])
}

it('finds nothing in a healthy project', async () => {
  expect(await doctor()).toMatchObject({ ok: true, findings: [], missions: 1, fixed: [] })
  expect((await runCli(w, ['doctor'])).stdout).toBe('Everything is in order.\n')
})

it('finds nothing in a healthy lane', async () => {
  startLane()
  await runCli(w, ['agent', 'status', 'materialize'])
  expect((await doctor()).findings).toEqual([])
})

interface Fault {
  readonly code: string
  readonly severity?: 'error' | 'warning' | 'info'
  readonly inject: () => unknown
}

/** One injected fault each: found under its code; mended when the finding says so. */
const FAULTS: Record<string, Fault> = {
  'the merge driver is not registered': {
    code: 'merge_driver_missing',
    inject: () => w.git('config', '--remove-section', 'merge.spec-kitty-event-log'),
  },
  'the merge driver runs something else': {
    code: 'merge_driver_foreign',
    inject: () => w.git('config', 'merge.spec-kitty-event-log.driver', 'true'),
  },
  'the ignore lines are gone': { code: 'ignore_lines_missing', inject: () => w.write('.gitignore', '') },
  'the attributes are gone': { code: 'attributes_missing', inject: () => w.write('.gitattributes', '') },
  'the schema is too old': {
    code: 'schema_too_old',
    severity: 'error',
    inject: () =>
      edit('.kittify/metadata.yaml', text => text.replace('schema_version: 3', 'schema_version: 1')),
  },
  'the schema is too new': {
    code: 'schema_too_new',
    severity: 'error',
    inject: () =>
      edit('.kittify/metadata.yaml', text => text.replace('schema_version: 3', 'schema_version: 9')),
  },
  'the configuration is gone': {
    code: 'config_missing',
    inject: () => rmSync(join(w.root, '.kittify/config.yaml')),
  },
  'the configuration is broken': {
    code: 'config_malformed',
    severity: 'error',
    inject: () => w.write('.kittify/config.yaml', 'agents: [claude\n  x: {'),
  },
  'the configuration names an unknown agent': {
    code: 'agent_unknown',
    inject: () => edit('.kittify/config.yaml', text => text.replace('- claude', '- clod')),
  },
  'a command file is gone': {
    code: 'file_missing',
    inject: () => rmSync(join(w.root, '.claude/commands/spec-kitty.plan.md')),
  },
  'a command file is no text': {
    code: 'file_edited',
    severity: 'info',
    inject: () => w.write('.claude/commands/spec-kitty.plan.md', Buffer.from([0xff, 0xfe, 0x41, 0])),
  },
  'a folder has the place of a command file': {
    code: 'file_edited',
    severity: 'info',
    inject: () => {
      rmSync(join(w.root, '.claude/commands/spec-kitty.plan.md'))
      mkdirSync(join(w.root, '.claude/commands/spec-kitty.plan.md'))
    },
  },
  'the orientation lies in a file that is no text': {
    code: 'unreadable',
    severity: 'error',
    inject: () => w.write('.claude/CLAUDE.md', Buffer.from([0xff])),
  },
  'another edition set it up': {
    code: 'set_up_elsewhere',
    severity: 'info',
    inject: () => {
      rmSync(join(w.root, '.kittify/manifest.json'))
      rmSync(join(w.root, '.claude/commands'), { recursive: true })
    },
  },
  'a command file was edited': {
    code: 'file_edited',
    severity: 'info',
    inject: () => w.write('.claude/commands/spec-kitty.plan.md', 'mine'),
  },
  'a link of the Python edition is broken': {
    code: 'link_broken',
    inject: () => {
      mkdirSync(join(w.root, '.claude/skills/spk-old'), { recursive: true })
      symlinkSync('/nowhere/SKILL.md', join(w.root, '.claude/skills/spk-old/SKILL.md'))
    },
  },
  'the manifest is broken': {
    code: 'manifest_malformed',
    severity: 'error',
    inject: () => w.write('.kittify/manifest.json', '{"version": 1, "files": ['),
  },
  'meta.json is gone': { code: 'meta_missing', inject: () => rmSync(join(w.root, REL, 'meta.json')) },
  'meta.json is broken': {
    code: 'meta_malformed',
    severity: 'error',
    inject: () => w.write(`${REL}/meta.json`, '{"mission_id": '),
  },
  'a mission has no id': {
    code: 'identity_missing',
    inject: () => editJson(`${REL}/meta.json`, meta => void delete meta.mission_id),
  },
  'an id is no ULID': {
    code: 'identity_malformed',
    inject: () => editJson(`${REL}/meta.json`, meta => Object.assign(meta, { mission_id: 'abc' })),
  },
  'two missions have one id': {
    code: 'identity_duplicate',
    severity: 'error',
    inject: () => addMission(w, { slug: 'copy-01KQW4DF' }),
  },
  'two missions have one number': {
    code: 'handle_ambiguous',
    severity: 'info',
    inject: () => {
      addMission(w, { slug: '007-a', id: `${MISSION_ID.slice(0, 7)}X${MISSION_ID.slice(8)}`, number: 7 })
      addMission(w, { slug: '007-b', id: `${MISSION_ID.slice(0, 7)}Y${MISSION_ID.slice(8)}`, number: 7 })
    },
  },
  'the log is gone': { code: 'log_missing', severity: 'error', inject: () => rmSync(join(w.root, LOG)) },
  'the log has a torn last line': {
    code: 'log_corrupt',
    severity: 'error',
    inject: () => edit(LOG, text => `${text}{"event_id": "01KQ`),
  },
  'the log has a line nobody can read': {
    code: 'log_corrupt',
    severity: 'error',
    inject: () => edit(LOG, text => `nonsense\n${text}`),
  },
  'the log has no last line feed': {
    code: 'log_unterminated',
    inject: () => edit(LOG, text => text.trimEnd()),
  },
  'status.json lags behind': {
    code: 'snapshot_drift',
    inject: () => appendEvents(w, [eventRow('WP01', 'planned', 'blocked', 50, { reason: 'x' })]),
  },
  'status.json is gone': { code: 'snapshot_drift', inject: () => rmSync(join(w.root, REL, 'status.json')) },
  'a claim is stale': { code: 'stale_claim', inject: () => advance(w, 'WP01', 'claimed', 60) },
  'a work package has no event': {
    code: 'uninitialized_status',
    inject: () => w.write(`${REL}/tasks/WP03-new.md`, '---\nwork_package_id: WP03\n---\n'),
  },
  'a work package has events, but no file': {
    code: 'wp_file_missing',
    inject: () => rmSync(join(w.root, REL, 'tasks/WP02-demo.md')),
  },
  'a work package cannot be read': {
    code: 'wp_malformed',
    severity: 'error',
    inject: () => w.write(`${REL}/tasks/WP01-demo.md`, '---\ntitle: [\n---\n'),
  },
  'two files are one work package': {
    code: 'wp_duplicate',
    severity: 'error',
    inject: () => cpSync(join(w.root, REL, 'tasks/WP01-demo.md'), join(w.root, REL, 'tasks/WP01-copy.md')),
  },
  'a file is named after another work package': {
    code: 'wp_id_mismatch',
    inject: () =>
      edit(`${REL}/tasks/WP01-demo.md`, text =>
        text.replace('work_package_id: WP01', 'work_package_id: WP09'),
      ),
  },
  'dependencies go in a circle': {
    code: 'dependency_cycle',
    severity: 'error',
    inject: () => {
      edit(`${REL}/tasks/WP01-demo.md`, text => text.replace('dependencies: []', 'dependencies: [WP02]'))
      edit(`${REL}/tasks.md`, text => text.replace('- [ ] T011', '**Dependencies**: WP02\n\n- [ ] T011'))
    },
  },
  'a dependency does not exist': {
    code: 'unknown_dependency',
    severity: 'error',
    inject: () =>
      edit(`${REL}/tasks/WP01-demo.md`, text => text.replace('dependencies: []', 'dependencies: [WP77]')),
  },
  'tasks.md has no section': {
    code: 'section_coverage',
    inject: () => edit(`${REL}/tasks.md`, text => text.slice(0, text.indexOf('## Work Package WP02'))),
  },
  'tasks.md is gone': { code: 'tasks_missing', inject: () => rmSync(join(w.root, REL, 'tasks.md')) },
  'lanes.json is broken': {
    code: 'lanes_malformed',
    severity: 'error',
    inject: () => w.write(`${REL}/lanes.json`, '{}'),
  },
  'a work package is in no lane': {
    code: 'wp_without_lane',
    inject: () => editJson(`${REL}/lanes.json`, lanes => void (lanes.lanes as unknown[]).pop()),
  },
  'a lane has a work package without a file': {
    code: 'lane_unknown_wp',
    severity: 'error',
    inject: () => edit(`${REL}/lanes.json`, text => text.replace('"WP02"', '"WP02", "WP09"')),
  },
  'a work package is in two lanes': {
    code: 'wp_in_two_lanes',
    severity: 'error',
    inject: () => edit(`${REL}/lanes.json`, text => text.replace('"WP02"', '"WP02", "WP01"')),
  },
  'a lane branch is gone': {
    code: 'lane_branch_missing',
    inject: () => advance(w, 'WP01', 'for_review', 100),
  },
  'the mission branch is gone': {
    code: 'mission_branch_missing',
    inject: () => {
      startLane()
      w.git('branch', '-D', `kitty/mission-${MISSION_SLUG}`)
    },
  },
  'the target branch is gone': {
    code: 'target_branch_missing',
    inject: () => {
      startLane()
      w.git('branch', '-m', 'main', 'trunk')
    },
  },
  'the worktree of work in progress is gone': {
    code: 'worktree_missing',
    inject: () => {
      startLane()
      w.git('worktree', 'remove', LANE)
    },
  },
  'git remembers a worktree that is gone': {
    code: 'worktree_gone',
    inject: () => {
      startLane()
      rmSync(join(w.root, LANE), { recursive: true })
    },
  },
  'a lane worktree is on another branch': {
    code: 'worktree_wrong_branch',
    inject: () => {
      startLane()
      w.gitAt(LANE, 'switch', '-q', '-c', 'elsewhere')
    },
  },
  'a worktree belongs to no mission': {
    code: 'worktree_foreign',
    severity: 'info',
    inject: () => w.git('worktree', 'add', '-q', '--detach', '.worktrees/mine'),
  },
  'a checkout is no worktree of this repository': {
    code: 'worktree_unregistered',
    inject: () => w.git('clone', '-q', '.', '.worktrees/clone'),
  },
  'a husk is empty': {
    code: 'worktree_husk',
    inject: () => mkdirSync(join(w.root, '.worktrees/x-lane-a/src'), { recursive: true }),
  },
  'a husk holds a file': { code: 'worktree_husk', inject: () => w.write('.worktrees/x-lane-a/file', 'x') },
  'a finished mission has a worktree': {
    code: 'orphan_workspace',
    inject: () => {
      startLane()
      const forced = { force: true, reason: 'x', at: '2026-02-03T00:00:00.000000+00:00' }
      appendEvents(w, [
        eventRow('WP01', 'in_progress', 'done', 900, forced),
        eventRow('WP02', 'planned', 'done', 901, forced),
      ])
    },
  },
  'a workspace context is orphaned': {
    code: 'context_orphaned',
    inject: () =>
      w.write(
        '.kittify/workspaces/x-lane-a.json',
        JSON.stringify({ wp_id: 'WP01', mission_slug: 'x', worktree_path: '.worktrees/x-lane-a' }),
      ),
  },
  'a workspace context is broken': {
    code: 'context_malformed',
    inject: () => w.write('.kittify/workspaces/x.json', '{'),
  },
  'a review rejects what is approved': {
    code: 'review_rejected',
    severity: 'error',
    inject: () => {
      advance(w, 'WP01', 'approved', 100)
      w.write(
        `${REL}/tasks/WP01-demo/review-cycle-1.md`,
        '---\ncycle_number: 1\nmission_slug: x\nwp_id: WP01\nverdict: rejected\nreviewed_at: "2026-01-01T00:00:00Z"\nreviewer_agent: bob\naffected_files: []\n---\n\nNo.\n',
      )
    },
  },
  'a review that the log names is gone': {
    code: 'review_missing',
    inject: () => {
      const reference = `review-cycle://${MISSION_SLUG}/WP01-demo/review-cycle-1.md`
      const verdict = { reference, reviewer: 'bob', verdict: 'changes_requested' }
      advance(w, 'WP01', 'in_review', 100)
      appendEvents(w, [eventRow('WP01', 'in_review', 'planned', 190, { review_result: verdict })])
    },
  },
  'the decisions cannot be read': {
    code: 'decisions_malformed',
    severity: 'error',
    inject: () => w.write(`${REL}/decisions/index.json`, ''),
  },
  'a folder has the place of a file': {
    code: 'unreadable',
    severity: 'error',
    inject: () => {
      rmSync(join(w.root, REL, 'tasks.md'))
      mkdirSync(join(w.root, REL, 'tasks.md'))
    },
  },
  'a merge was interrupted': {
    code: 'merge_interrupted',
    severity: 'error',
    inject: () =>
      w.write(
        `.git/spec-kitty-merge/${MISSION_SLUG}.json`,
        JSON.stringify({ version: 1, mission_slug: MISSION_SLUG, phase: 'landing', options: {}, plan: {} }),
      ),
  },
  'the journal of a merge is broken': {
    code: 'merge_journal_malformed',
    severity: 'error',
    inject: () => w.write(`.git/spec-kitty-merge/${MISSION_SLUG}.json`, '{'),
  },
  'a merge of the Python edition was interrupted': {
    code: 'python_merge_interrupted',
    inject: () => w.write(`.kittify/runtime/merge/${MISSION_ID}/state.json`, '{}'),
  },
  'a mission is merged, but not finished': {
    code: 'merged_unfinished',
    severity: 'info',
    inject: () =>
      editJson(`${REL}/meta.json`, meta => Object.assign(meta, { merged_at: '2026-01-01T00:00:00+00:00' })),
  },
  'a coordination branch is gone': {
    code: 'coordination_branch_gone',
    inject: () =>
      editJson(`${REL}/meta.json`, meta => Object.assign(meta, { coordination_branch: 'kitty/gone' })),
  },
  'a mission keeps its state on a branch': {
    code: 'coordination_mission',
    severity: 'info',
    inject: () => {
      w.git('branch', 'kitty/coord')
      editJson(`${REL}/meta.json`, meta => Object.assign(meta, { coordination_branch: 'kitty/coord' }))
    },
  },
  'a killed command left a file': {
    code: 'temporary_file',
    severity: 'info',
    inject: () => w.write(`${REL}/.status.json.123.0.tmp`, '{'),
  },
  'a document is not UTF-8': {
    code: 'not_utf8',
    inject: () => w.write(`${REL}/spec.md`, Buffer.from([0x93])),
  },
  'a document has conflict markers': {
    code: 'conflict_markers',
    severity: 'error',
    inject: () => w.write(`${REL}/spec.md`, 'a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\n'),
  },
}

describe('an injected fault', () => {
  it.each(Object.keys(FAULTS))('is found, and mended when doctor says so: %s', async name => {
    const { code, severity = 'warning', inject } = FAULTS[name]!
    inject()
    const before = w.git('status', '--porcelain')
    const found = (await doctor()).findings.filter(finding => finding.code === code)
    expect(found.length).toBeGreaterThan(0)
    expect(found[0]).toMatchObject({ severity })
    expect(found[0]?.fix).toBeTruthy()
    expect(w.git('status', '--porcelain')).toBe(before)

    const after = await doctor('--fix')
    const left = after.findings.filter(finding => finding.code === code)
    if (found[0]?.fix === FIX) {
      expect(left).toEqual([])
      expect(after.fixed.length).toBeGreaterThan(0)
      expect(after.findings.filter(finding => finding.fix === FIX)).toEqual([])
    } else {
      expect(left.length).toBeGreaterThan(0)
    }
  })
})

it('mends several things in one commit and leaves other files alone', async () => {
  w.write('.gitattributes', '')
  edit(LOG, text => text.trimEnd())
  editJson(`${REL}/meta.json`, meta => void delete meta.mission_id)
  w.write('mine.txt', 'mine')
  const result = await doctor('--fix')
  // Its old events carry the old id: told, and nothing to mend.
  expect(result.findings.filter(finding => finding.code !== 'log_doubtful')).toEqual([])
  expect(result.fixed).toHaveLength(3)
  expect(w.git('log', '-1', '--format=%s')).toBe('chore(spec-kitty): mend what doctor found')
  expect(w.git('status', '--porcelain')).toBe('?? mine.txt')
})

it('commits nothing when told so, and nothing on a protected branch', async () => {
  const head = w.git('rev-parse', 'HEAD')
  edit(LOG, text => text.trimEnd())
  await doctor('--fix', '--no-auto-commit')
  expect(w.git('rev-parse', 'HEAD')).toBe(head)
  edit('.kittify/config.yaml', text => `${text}protected_branches:\n- main\n`)
  edit(LOG, text => text.trimEnd())
  expect(await runCli(w, ['doctor', '--fix', '--json'])).toMatchObject({
    status: 1,
    json: { code: 'protected_branch' },
  })
  expect(w.read(LOG).endsWith('\n')).toBe(false)
})

it('mends nothing in a layout it does not know, and nothing outside a project', async () => {
  FAULTS['the schema is too new']!.inject()
  w.write('.gitattributes', '')
  expect(await runCli(w, ['doctor', '--fix', '--json'])).toMatchObject({
    status: 5,
    json: { code: 'schema_too_new' },
  })
  expect(w.read('.gitattributes')).toBe('')
  const plain = createWorld()
  try {
    const answer = await runCli(plain, ['doctor', 'git', '--fix', '--json'])
    expect(answer).toMatchObject({ status: 1, json: { code: 'no_project' } })
    expect(plain.git('status', '--porcelain')).toBe('')
  } finally {
    plain.cleanup()
  }
})

it('says what it could not mend, and why, and goes on', async () => {
  edit(LOG, text => text.trimEnd())
  w.write('.kittify/workspaces/x.json', '{')
  FAULTS['a merge was interrupted']!.inject()
  const result = await doctor('--fix')
  expect(result.not_fixed).toEqual([expect.stringContaining('was interrupted')])
  expect(result.fixed).toEqual([expect.stringContaining('workspaces/x.json')])
  expect((await runCli(w, ['doctor', '--fix'])).stdout).toContain('not fixed')
})

it('looks at one part or one mission when asked', async () => {
  w.write('.gitattributes', '')
  addMission(w, { slug: 'other', id: '01KQW4DZ0000000000000000A1' })
  rmSync(join(w.root, 'kitty-specs/other/tasks.md'))
  expect((await doctor('git')).findings.map(finding => finding.code)).toEqual(['attributes_missing'])
  expect((await doctor('missions', '--mission', MISSION_SLUG)).findings).toEqual([])
  expect((await doctor('coordination')).areas).toEqual(['git', 'missions'])
  expect((await doctor('tool-surfaces')).areas).toEqual(['files'])
  expect(await runCli(w, ['doctor', 'nonsense', '--json'])).toMatchObject({
    status: 2,
    json: { code: 'usage' },
  })
})

it('examines a mission whose meta.json is broken, by name', async () => {
  w.write(`${REL}/meta.json`, '{')
  expect((await doctor('--mission', MISSION_SLUG)).findings[0]).toMatchObject({ code: 'meta_malformed' })
  expect(await runCli(w, ['doctor', '--mission', 'nope', '--json'])).toMatchObject({ status: 2 })
})

it('calls a git that cannot merge missions an error', async () => {
  const git = { ...w.ports.git, version: async () => [2, 30, 1] as const }
  const answer = await runCli({ ports: { ...w.ports, git } }, ['doctor', 'git', '--json'])
  expect(answer.status).toBe(1)
  expect(v.parse(Doctor, answer.json).findings).toMatchObject([{ code: 'git_too_old', severity: 'error' }])
})

it('warns of sync only where it is switched on', async () => {
  const on = { ...w, ports: w.at('.', { SPEC_KITTY_ENABLE_SAAS_SYNC: '1' }) }
  const answer = await runCli(on, ['doctor', 'sync', '--json'])
  expect(v.parse(Doctor, answer.json).findings.map(finding => finding.code)).toContain('sync')
})

it('shows a person what to do', async () => {
  w.write('.gitattributes', '')
  const { stdout } = await runCli(w, ['doctor'])
  expect(stdout).toBe(
    'warning .gitattributes does not name the merge driver for event logs (attributes_missing)\n  spec-kitty doctor --fix\n0 errors, 1 warnings, 0 notes; 1 missions looked at\n',
  )
})

describe('the documents of the Python edition', () => {
  const run = async (...words: string[]) => await runCli(w, ['doctor', ...words, '--json'])

  it('identity tells the four states', async () => {
    addMission(w, { slug: '007-a', id: '01KQW4DE0000000000000000B2', number: 7 })
    w.write('kitty-specs/008-b/meta.json', '{"mission_number": 8}')
    w.write('kitty-specs/orphan/meta.json', '{')
    const answer = await run('identity', '--fail-on', 'legacy,orphan')
    expect(answer.status).toBe(1)
    const result = v.parse(DoctorIdentity, answer.json)
    expect(result).toMatchObject({
      summary: { assigned: 1, pending: 1, legacy: 1, orphan: 1 },
      fail_on_triggered: true,
      duplicate_prefixes: {},
    })
    expect(result.missions.find(item => item.slug === 'orphan')?.error).toMatch(/^meta.json: /)
    expect((await run('identity')).status).toBe(0)
    expect(
      v.parse(DoctorIdentity, (await run('identity', '--mission', MISSION_SLUG)).json).missions,
    ).toHaveLength(1)
    expect(await run('identity', '--fail-on', 'what')).toMatchObject({ status: 2 })
    expect((await runCli(w, ['doctor', 'identity'])).stdout).toContain(
      '1 assigned, 1 pending, 1 legacy, 1 orphan',
    )
  })

  it('workspaces removes empty husks only', async () => {
    mkdirSync(join(w.root, '.worktrees/empty/a'), { recursive: true })
    w.write('.worktrees/full/file', 'x')
    expect(await run('workspaces')).toMatchObject({ status: 1, json: { healthy: false } })
    const answer = await run('workspaces', '--fix')
    expect(v.parse(DoctorWorkspaces, answer.json)).toMatchObject({
      removed: ['.worktrees/empty'],
      skipped_not_empty: ['.worktrees/full'],
    })
    expect([existsSync(join(w.root, '.worktrees/empty')), w.exists('.worktrees/full/file')]).toEqual([
      false,
      true,
    ])
    rmSync(join(w.root, '.worktrees/full'), { recursive: true })
    expect(await run('workspaces')).toMatchObject({ status: 0, json: { healthy: true } })
    expect((await runCli(w, ['doctor', 'workspaces'])).stdout).toContain('in order')
  })

  it('mission-state lists findings by mission and fails as asked', async () => {
    edit(LOG, text => text.trimEnd())
    const answer = await run('mission-state', '--audit')
    expect(answer.status).toBe(0)
    expect(v.parse(DoctorMissionState, answer.json)).toMatchObject({
      missions: [{ mission_slug: MISSION_SLUG, finding_count: 1, has_errors: false }],
      repo_summary: { missions_with_findings: 1, total_findings: 1 },
      shape_counters: { log_unterminated: 1 },
    })
    expect((await run('mission-state', '--fail-on', 'warning')).status).toBe(1)
    expect((await run('mission-state', '--fail-on', 'error')).status).toBe(0)
    expect((await runCli(w, ['doctor', 'mission-state'])).stdout).toContain(
      '1 missions: 0 errors, 1 warnings',
    )
    expect((await runCli(w, ['doctor', 'mission-state', '--fix'])).stdout).toContain('fixed')
    expect(v.parse(DoctorMissionState, (await run('mission-state')).json).shape_counters).toEqual({})
  })

  it('state-roots lists what lives where and warns of what git would take', async () => {
    const result = v.parse(DoctorStateRoots, (await run('state-roots')).json)
    expect(result.healthy).toBe(true)
    expect(result.roots.map(item => item.name)).toEqual(['project', 'global_runtime', 'global_sync'])
    w.write('.gitignore', '')
    w.write('.kittify/derived/x', '')
    expect((await runCli(w, ['doctor', 'state-roots'])).stdout).toContain(
      '.kittify/derived/ is local to this machine',
    )
  })
})

it('finds only what docs/doctor.md explains, with the same weight and the same promise', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../../docs/doctor.md'), 'utf8')
  const rows = page.split('\n').filter(line => line.startsWith('| `'))
  for (const { code, severity = 'warning' } of Object.values(FAULTS)) {
    const row = rows.find(line => line.includes(`\`${code}\``))
    expect(row, code).toContain(`| ${severity} |`)
  }
})

const CORPUS = join(import.meta.dirname, '../../../../../../shared/conformance/corpus')

describe.skipIf(!existsSync(CORPUS))(
  'real missions (skipped: ../shared/conformance/corpus is absent)',
  () => {
    it('have no error but events that validate refuses too', async () => {
      for (const name of readdirSync(CORPUS)) {
        const input = join(CORPUS, name, 'input')
        if (existsSync(input)) cpSync(input, join(w.root, 'kitty-specs', name), { recursive: true })
      }
      const result = await doctor()
      expect(result.missions).toBeGreaterThan(90)
      const errors = result.findings.filter(finding => finding.severity === 'error')
      expect(errors.filter(finding => finding.code !== 'log_invalid')).toEqual([])
    })
  },
)

it('starts git twice, however many missions there are', async () => {
  for (let n = 0; n < 5; n++) addMission(w, { slug: `m${n}`, id: `01KQW4D${n}0000000000000000B2` })
  const started: string[] = []
  const free = ['head', 'named', 'worktrees']
  const git = new Proxy(w.ports.git, {
    get: (target, name, receiver) => {
      if (!free.includes(String(name))) started.push(String(name))
      return Reflect.get(target, name, receiver)
    },
  })
  await runCli({ ...w, ports: { ...w.ports, git } }, ['doctor', '--json'])
  expect(started).toEqual(['version', 'config'])
})
