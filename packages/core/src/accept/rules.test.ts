import { describe, expect, it } from 'vitest'
import { type AcceptFacts, openRows, summarize } from './rules.ts'

const wp = {
  id: 'WP01',
  title: 'One',
  lane: 'approved',
  path: 'kitty-specs/m/tasks/WP01.md',
  agent: 'claude',
  assignee: null,
  shellPid: '1',
} as const
const ready: AcceptFacts = {
  mission: {
    slug: 'm',
    dir: '/r/kitty-specs/m',
    rel: 'kitty-specs/m',
    number: null,
    type: 'software-dev',
    targetBranch: 'main',
    homeBranch: 'main',
  },
  root: '/r',
  primary: '/r',
  checkout: '/r',
  branch: 'main',
  missionBranch: 'kitty/mission-m',
  lanesTarget: 'main',
  workPackages: [wp],
  spec: '# Spec',
  plan: '# Plan',
  tasks: '- [x] T001',
  ticks: new Map(),
  resolvedDecisions: new Set(),
  dirty: [],
  uncommittedBookkeeping: false,
  matrix: { criteria: [] },
  matrixChanged: false,
  missingFolders: [],
  optionalMissing: [],
  tests: [],
  lenient: false,
}
const details = (facts: Partial<AcceptFacts>): string[] =>
  summarize({ ...ready, ...facts }).failed_checks.map(check => `${check.check}: ${check.detail}`)

describe('summarize', () => {
  it('is ok when everything is approved, ticked, clean and proven', () => {
    const summary = summarize(ready)
    expect(summary).toMatchObject({ ok: true, all_done: true, failed_checks: [], recommended_fix_order: [] })
    expect(summary.lanes).toMatchObject({ approved: ['WP01'], planned: [] })
  })

  it.each<[string, Partial<AcceptFacts>, string]>([
    [
      'an unfinished package',
      { workPackages: [{ ...wp, lane: 'in_review' }] },
      "activity: WP01: canonical lane is 'in_review', expected 'approved' or 'done'",
    ],
    ['no package', { workPackages: [] }, 'activity: The mission has no work packages'],
    [
      'two targets',
      { lanesTarget: 'dev' },
      "activity: Target branch differs: meta.json says 'main', lanes.json says 'dev'",
    ],
    [
      'the wrong branch',
      { branch: 'x' },
      "activity: Branch 'x' is checked out, expected 'main' or 'kitty/mission-m'",
    ],
    [
      'no branch',
      { branch: null },
      "activity: Branch '(detached)' is checked out, expected 'main' or 'kitty/mission-m'",
    ],
    ['no matrix', { matrix: undefined }, 'activity: Acceptance matrix is missing: acceptance-matrix.json'],
    [
      'an open criterion',
      { matrix: { criteria: [{ criterion_id: 'FR-001', pass_fail: 'pending' }] } },
      'activity: Acceptance matrix: FR-001 is pending',
    ],
    [
      'a failing test',
      { tests: [{ command: 'make', status: 2, output: '' }] },
      "activity: Test 'make' exited with 2",
    ],
    [
      'an endless test',
      { tests: [{ command: 'make', status: null, output: '' }] },
      "activity: Test 'make' did not end in time",
    ],
    ['an open row', { tasks: '- [ ] T001 x' }, 'unchecked_tasks: - [ ] T001 x'],
    [
      'an open question',
      { plan: 'a [NEEDS CLARIFICATION: why]' },
      'needs_clarification: plan.md:1: [NEEDS CLARIFICATION: why]',
    ],
    ['no plan', { plan: undefined }, 'missing_artifacts: plan.md'],
    ['an uncommitted file', { dirty: [{ code: '??', path: 'x.py' }] }, 'git_dirty: ?? x.py'],
    ['no agent', { workPackages: [{ ...wp, agent: null }] }, 'metadata: WP01: missing agent in frontmatter'],
    [
      'no pid',
      { workPackages: [{ ...wp, shellPid: null }] },
      'metadata: WP01: missing shell_pid in frontmatter',
    ],
  ])('refuses %s', (_, facts, detail) => {
    expect(details(facts)).toEqual([detail])
    const summary = summarize({ ...ready, ...facts })
    expect(summary.ok).toBe(false)
    expect(summary.failed_checks[0]?.remedy).not.toBe('')
  })

  it('reports all problems at once, in the order of mending', () => {
    const summary = summarize({ ...ready, branch: 'x', tasks: undefined, dirty: [{ code: ' M', path: 'a' }] })
    expect(summary.recommended_fix_order).toEqual([
      'Write the documents that are missing.',
      'Approve all packages, prove all criteria, and stand on the branch of the mission.',
      'Commit or remove what has changed in the working tree.',
    ])
    expect(summary.blocked_checks).toMatchObject([{ check: 'mission_branch' }])
  })

  it.each([
    ['genesis', 'finalize-tasks'],
    ['planned', 'agent action implement WP01'],
    ['in_progress', '--to for_review'],
    ['for_review', 'agent action review WP01'],
    ['in_review', 'spec-kitty show WP01'],
  ] as const)('names the next step of a package in %s', (lane, step) => {
    expect(summarize({ ...ready, workPackages: [{ ...wp, lane }] }).failed_checks[0]?.remedy).toContain(step)
  })

  it('takes missing folders as advice and says nothing of metadata when lenient', () => {
    expect(summarize({ ...ready, missingFolders: ['docs/'] })).toMatchObject({
      ok: true,
      path_violations: ['docs/'],
    })
    const lenient = summarize({
      ...ready,
      lenient: true,
      missingFolders: ['docs/'],
      workPackages: [{ ...wp, agent: null }],
    })
    expect(lenient).toMatchObject({ ok: true, path_violations: [], metadata_issues: [] })
    expect(lenient.warnings).toHaveLength(1)
  })

  it('does not count derived files, worktrees and deliberate bookkeeping as dirt', () => {
    const own = ['acceptance-matrix.json', 'status.json'].map(name => ({
      code: ' M',
      path: `kitty-specs/m/${name}`,
    }))
    expect(details({ dirty: [...own, { code: '??', path: '.worktrees/' }] })).toEqual([])
    const log = { code: ' M', path: 'kitty-specs/m/status.events.jsonl' }
    expect(details({ dirty: [log] })).toHaveLength(1)
    expect(details({ dirty: [log], uncommittedBookkeeping: true })).toEqual([])
  })

  it('lets a marker go once its decision is settled', () => {
    const spec = '[NEEDS CLARIFICATION: db] <!-- decision_id: 01AB -->'
    expect(details({ spec })).toHaveLength(1)
    expect(details({ spec, resolvedDecisions: new Set(['01AB']) })).toEqual([])
  })
})

describe('a canceled package', () => {
  const canceled = { ...wp, id: 'WP02', lane: 'canceled', agent: null, shellPid: null } as const

  it('holds nothing up, nor do its rows', () => {
    const tasks = '## WP01\n\n- [x] T001\n\n## WP02\n\n- [ ] T002\n'
    expect(summarize({ ...ready, tasks, workPackages: [wp, canceled] })).toMatchObject({
      ok: true,
      all_done: true,
    })
  })

  it('is no mission when there is nothing else', () => {
    expect(details({ workPackages: [canceled] })).toEqual(['activity: All work packages were canceled'])
  })
})

describe('openRows', () => {
  it('sees every bullet but no code fence', () => {
    expect(openRows('- [ ] a\n* [ ] b\n```md\n- [ ] c\n```\n- [x] d\n  - [ ] e\r\n', new Set())).toEqual([
      '- [ ] a',
      '* [ ] b',
      '- [ ] e',
    ])
  })
  it('counts what later editions tick in the log, each for its own package', () => {
    const tasks = '## WP01\n\n- [ ] T001 a\n- [ ] T002 b\n\n## WP02\n\n- [ ] T001 c\n'
    const ticks = new Map([['WP01', new Map([['T001', 'done' as const]])]])
    expect(openRows(tasks, new Set(), ticks)).toEqual(['- [ ] T002 b', '- [ ] T001 c'])
  })
})
