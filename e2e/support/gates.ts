/** One row or more for each guard of a move, problem that finalize-tasks finds, and gate of implement. */
import { commitIn, lanePathOf } from '@spec-kitty/host/testing/lanes'
import { addMission, advance, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import type { World } from '@spec-kitty/host/testing/world'
import { PLANNED } from './refusals.ts'
import { type Row, type } from './remedy.ts'

const REL = `kitty-specs/${MISSION_SLUG}`

const move = (row: Row): Row => ({ list: 'blockers', ...row })

/** WP01 is being worked on in its lane, with all its subtasks ticked. */
function working(w: World, ...files: readonly string[]): void {
  addMission(w, { deps: {} })
  w.write('.gitignore', '/.worktrees/\n')
  w.write(`${REL}/tasks.md`, w.read(`${REL}/tasks.md`).replaceAll('[ ]', '[x]'))
  w.commit()
  const { status, stderr } = type(w, 'spec-kitty agent action implement WP01 --agent claude')
  if (status !== 0) throw new Error(stderr)
  for (const file of files) commitIn(w, lanePathOf('lane-a'), { [file]: 'x\n' }, file)
}

const HAND_OVER = 'spec-kitty agent tasks move-task WP01 --to for_review'

export const MOVE_ROWS: readonly Row[] = [
  move({
    code: 'claimed_by_other',
    arrange: w => working(w, 'src/wp01/a.txt'),
    run: `${HAND_OVER} --agent bob`,
    // The hint leads to the review or to the owner, who goes on himself.
    byHand: () => undefined,
    remedy: () => `${HAND_OVER} --agent claude`,
    instead: true,
  }),
  move({
    code: 'dirty_worktree',
    about: 'planning files',
    arrange: w => {
      working(w, 'src/wp01/a.txt')
      w.write(`${REL}/spec.md`, '# Other\n')
    },
    run: HAND_OVER,
  }),
  move({
    code: 'guard_failed',
    about: 'uncommitted work in the lane',
    arrange: w => {
      working(w, 'src/wp01/a.txt')
      w.write(`${lanePathOf('lane-a')}/src/wp01/b.txt`, 'b')
    },
    run: HAND_OVER,
  }),
  move({
    code: 'guard_failed',
    about: 'another branch in the lane',
    arrange: w => {
      working(w, 'src/wp01/a.txt')
      w.gitAt(lanePathOf('lane-a'), 'switch', '-q', '-c', 'side')
    },
    run: HAND_OVER,
  }),
  move({
    code: 'guard_failed',
    about: 'planning files in the lane',
    arrange: w => working(w, 'src/wp01/a.txt', `${REL}/spec.md`),
    run: HAND_OVER,
  }),
  move({
    code: 'guard_failed',
    about: 'nothing committed in the lane',
    arrange: w => working(w),
    run: HAND_OVER,
    byHand: w => commitIn(w, lanePathOf('lane-a'), { 'src/wp01/a.txt': 'a' }, 'work'),
  }),
  move({
    code: 'guard_failed',
    about: 'done without a merge',
    arrange: w => {
      working(w, 'src/wp01/a.txt')
      advance(w, 'WP01', 'approved', 200)
      w.commit()
    },
    run: 'spec-kitty agent tasks move-task WP01 --to done',
    remedy: hint =>
      `spec-kitty agent tasks move-task WP01 --to done ${/--done-override-reason/.exec(hint)?.[0]} "merged by hand"`,
    instead: true,
  }),
]

const WP01 = `${REL}/tasks/WP01-demo.md`
const TASKS = `${REL}/tasks.md`

function edit(w: World, path: string, from: string, to: string): void {
  const text = w.read(path)
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`)
  w.write(path, text.replace(from, to))
}

/** A plan in which one thing is wrong; the remedy is an edit, as the hint words it. */
function plan(
  code: string,
  path: string,
  from: string,
  to: string,
  mend: (w: World, from: string, to: string) => void = (w, right, wrong) => edit(w, path, wrong, right),
): Row {
  return {
    code,
    list: 'problems',
    arrange: w => {
      addMission(w, { ...PLANNED, lanes: false, events: false })
      edit(w, path, from, to)
      w.commit()
    },
    run: 'spec-kitty agent mission finalize-tasks',
    byHand: w => mend(w, from, to),
    remedy: () => ':',
  }
}

/** What the hint puts into quotes or on a line of its own is what is to be written: below a line, or in place of a word. */
const quoted = (row: Row, path: string, from: string, take: RegExp): Row => ({
  ...row,
  byHand: () => undefined,
  remedy: (hint, w) => {
    const line = take.exec(hint)?.[1]
    if (line === undefined) throw new Error(`nothing to write in: ${hint}`)
    edit(w, path, from, from.endsWith('\n') ? `${from}\n${line}` : line)
    return ':'
  },
})

export const FINALIZE_ROWS: readonly Row[] = [
  plan(
    'dependency_cycle',
    TASKS,
    '**Requirement Refs**: FR-001',
    '**Requirement Refs**: FR-001\n**Dependencies**: WP02',
  ),
  plan('unreadable_list', WP01, 'dependencies: []', 'dependencies:\n- the schema first'),
  plan('unknown_dependency', WP01, 'dependencies: []', 'dependencies:\n- WP09'),
  plan('dependency_conflict', TASKS, '**Dependencies**: WP01', '**Dependencies**: WP09'),
  plan('section_coverage', TASKS, '## Work Package WP02: Title WP02', '## Something else'),
  plan('owned_mission_files', WP01, '- src/wp01/**', '- src/wp01/**\n- kitty-specs/other/**'),
  plan('ownership_overlap', WP01, '- src/wp01/**', '- src/wp01/**\n- src/wp02/**'),
  quoted(
    plan(
      'surface_outside_ownership',
      WP01,
      'authoritative_surface: src/wp01/',
      'authoritative_surface: lib/',
    ),
    WP01,
    'authoritative_surface: lib/',
    /['"](authoritative_surface: [^'"]+)['"]/,
  ),
  quoted(
    plan('owned_path_missing', WP01, '- src/wp01/**', '- src/wp01/**\n- src/wp01/new.ts'),
    WP01,
    'history: []',
    /front matter:\n(.*)$/s,
  ),
  quoted(
    plan('requirement_mapping', TASKS, '**Requirement Refs**: FR-002\n', ''),
    TASKS,
    '## Work Package WP02: Title WP02\n',
    /['"](\*\*Requirement Refs\*\*: [^'"]+)['"]/,
  ),
  {
    ...plan('duplicate_work_package', WP01, '# WP01', '# WP01 '),
    arrange: w => {
      addMission(w, { ...PLANNED, lanes: false, events: false })
      w.write(`${REL}/tasks/WP01-again.md`, w.read(WP01))
      w.commit()
    },
    byHand: w => w.git('rm', '-q', `${REL}/tasks/WP01-again.md`),
  },
  {
    ...plan('mission_incomplete', WP01, '# WP01', '# WP01 '),
    arrange: w => {
      addMission(w, { ...PLANNED, lanes: false, events: false, plan: '' })
      w.commit()
    },
    byHand: w => w.write(`${REL}/plan.md`, '# How\n\nIn one file.\n'),
  },
  {
    ...plan('lane_changed', WP01, '# WP01', '# WP01 '),
    arrange: w => {
      addMission(w, { ...PLANNED, lanes: false, events: false })
      w.commit()
      type(w, 'spec-kitty agent mission finalize-tasks')
      for (const wp of ['WP01', 'WP02']) advance(w, wp, 'in_progress', wp === 'WP01' ? 300 : 400)
      // Both are at work, each in its lane; what they own now would put them into one.
      edit(w, WP01, '- src/wp01/**', '- src/wp02/**\nscope: codebase-wide')
      w.commit()
    },
    byHand: w => edit(w, WP01, '- src/wp02/**\nscope: codebase-wide', '- src/wp01/**'),
  },
]

const implement = (row: Omit<Row, 'run' | 'list'>): Row => ({
  run: 'spec-kitty agent action implement WP01 --agent claude',
  list: 'blockers',
  ...row,
})

export const IMPLEMENT_ROWS: readonly Row[] = [
  implement({
    code: 'dependencies_not_satisfied',
    arrange: w => {
      addMission(w, { deps: { WP01: ['WP02'] } })
      w.commit()
    },
    byHand: w => advance(w, 'WP02', 'approved', 10),
  }),
]
