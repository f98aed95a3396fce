/** One row or more for each blocker of a merge, and failed check of an acceptance. */
import { join } from 'node:path'
import {
  addApprovedMission,
  addReadyMission,
  commitIn,
  laneBranchOf,
  lanePathOf,
  MISSION_BRANCH,
  makeLane,
} from '@spec-kitty/host/testing/lanes'
import { addMission, advance, appendEvents, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import type { World } from '@spec-kitty/host/testing/world'
import { type Elsewhere, type Row, shim, type } from './remedy.ts'

const REL = `kitty-specs/${MISSION_SLUG}`
const JOURNAL = `.git/spec-kitty-merge/${MISSION_SLUG}.json`

/** A bare remote of which `main` knows everything. */
function withRemote(w: World): void {
  addReadyMission(w)
  w.git('init', '-q', '--bare', '../remote.git')
  w.git('remote', 'add', 'origin', '../remote.git')
  w.git('push', '-q', '-u', 'origin', 'main')
}

/** A commit that is at the remote only. */
function pushTheirs(w: World, file: string): void {
  w.git('clone', '-q', '-b', 'main', '../remote.git', '../theirs')
  commitIn(w, '../theirs', { [file]: 'theirs\n' }, 'theirs')
  w.gitAt('../theirs', 'push', '-q')
  w.git('fetch', '-q')
}

function rejectedReview(w: World): void {
  const cycle = `---\ncycle_number: 1\nverdict: rejected\nwp_id: WP01\nreviewer_agent: bob\n---\n\nToo slow\n`
  w.write(`${REL}/tasks/WP01-demo/review-cycle-1.md`, cycle)
  w.write('FILE', 'see review cycle 1\n')
  w.commit()
}

/** `text` committed in the worktree where the remedy left a conflict, as a person would resolve it. */
function resolve(file: string, lane: string, w: World): string {
  return `cd ${join(w.root, lanePathOf(lane))} && echo both > ${file} && git add -A && git commit -qm resolved && cd ${w.root}`
}

const merge = (row: Omit<Row, 'run' | 'list'> & Partial<Pick<Row, 'run'>>): Row => ({
  run: 'spec-kitty merge --dry-run',
  list: 'blockers',
  ...row,
})

/** Blockers that no black box brings about for sure. */
export const BLOCKED_ELSEWHERE: readonly Elsewhere[] = [
  {
    code: 'file_malformed',
    test: 'packages/cli/src/commands/merge.test.ts',
    why: 'it takes a branch that only another edition writes',
  },
]

export const MERGE_ROWS: readonly Row[] = [
  merge({
    code: 'already_merged',
    arrange: w => {
      addReadyMission(w)
      type(w, 'spec-kitty merge')
    },
    instead: true,
  }),
  merge({
    code: 'merge_in_progress',
    arrange: w => {
      addReadyMission(w)
      type(w, 'spec-kitty merge', { env: shim(w, 'case "$*" in *update-ref*) kill -9 $PPID; exit 1;; esac') })
      if (!w.exists(JOURNAL)) throw new Error('no journal')
    },
  }),
  merge({
    code: 'merge_in_progress',
    about: 'a merge of git is open',
    arrange: w => {
      addReadyMission(w)
      w.git('switch', '-q', '-c', 'side')
      commitIn(w, '.', { 'x.txt': 'side' }, 'side')
      w.git('switch', '-q', 'main')
      commitIn(w, '.', { 'x.txt': 'main' }, 'main')
      type(w, 'git merge side')
    },
    byHand: w => {
      w.write('x.txt', 'both\n')
      w.git('add', 'x.txt')
    },
  }),
  merge({
    code: 'index_locked',
    arrange: w => {
      addReadyMission(w)
      w.write('.git/index.lock', '')
    },
  }),
  merge({
    code: 'identity_unknown',
    arrange: w => {
      addReadyMission(w)
      w.git('config', '--remove-section', 'user')
      w.git('config', 'user.useConfigOnly', 'true')
    },
    run: 'env -u GIT_AUTHOR_NAME -u GIT_COMMITTER_NAME -u GIT_AUTHOR_EMAIL -u GIT_COMMITTER_EMAIL spec-kitty merge --dry-run',
  }),
  merge({
    code: 'signing_failed',
    arrange: w => {
      addReadyMission(w)
      w.git('config', 'commit.gpgsign', 'true')
      w.git('config', 'gpg.program', 'false')
    },
  }),
  merge({
    code: 'filter_failed',
    arrange: w => {
      addReadyMission(w)
      w.write('.git/info/attributes', '*.dat filter=broken\n')
      w.git('config', 'filter.broken.clean', 'cat')
      commitIn(w, lanePathOf('lane-a'), { 'src/a/x.dat': 'x\n' }, 'data')
      w.git('config', 'filter.broken.smudge', 'false')
      w.git('config', 'filter.broken.required', 'true')
    },
  }),
  merge({
    code: 'no_remote',
    arrange: addReadyMission,
    run: 'spec-kitty merge --dry-run --push',
    instead: true,
  }),
  merge({
    code: 'lane_behind_remote',
    arrange: w => {
      withRemote(w)
      const branch = laneBranchOf('lane-a')
      w.git('push', '-q', 'origin', branch)
      w.git('clone', '-q', '-b', branch, '../remote.git', '../theirs')
      commitIn(w, '../theirs', { 'src/a/theirs.txt': 'theirs\n' }, 'theirs')
      w.gitAt('../theirs', 'push', '-q')
      w.git('fetch', '-q')
    },
  }),
  merge({
    code: 'nested_repository',
    arrange: w => {
      addReadyMission(w)
      const inner = `${lanePathOf('lane-a')}/src/a/crate`
      w.git('init', '-q', inner)
      w.write(`${inner}/main`, 'code\n')
      w.gitAt(inner, 'add', '-A')
      w.gitAt(inner, 'commit', '-qm', 'inner')
      commitIn(w, lanePathOf('lane-a'), {}, 'embed')
    },
  }),
  merge({
    code: 'approved_code_changed',
    arrange: w => {
      addReadyMission(w)
      const head = w.git('rev-parse', laneBranchOf('lane-a'))
      appendEvents(w, [
        eventRow('WP01', 'approved', 'in_review', 800, { force: true, reason: 'again' }),
        eventRow('WP01', 'in_review', 'approved', 801, {
          evidence: { review: { reviewer: 'bob', verdict: 'approved', reference: 'r' } },
          policy_metadata: { lane_head: head },
        }),
      ])
      w.commit()
      commitIn(w, lanePathOf('lane-a'), { 'src/a/late.txt': 'late\n' }, 'late')
    },
    fill: { NAME: 'bob' },
    instead: true,
  }),
  merge({
    code: 'lane_deletes_planning',
    arrange: w => {
      addReadyMission(w)
      w.gitAt(lanePathOf('lane-a'), 'rm', '-rq', 'kitty-specs')
      w.gitAt(lanePathOf('lane-a'), 'commit', '-qm', 'tidy')
    },
  }),
  merge({
    code: 'lane_file_malformed',
    arrange: w => {
      addReadyMission(w)
      commitIn(w, lanePathOf('lane-a'), { [`${REL}/meta.json`]: '{ no\n' }, 'break')
    },
  }),
  merge({
    code: 'mission_files_conflict',
    arrange: w => {
      addReadyMission(w)
      w.git('switch', '-q', '-c', 'side')
      w.git('switch', '-q', 'main')
      commitIn(w, '.', { [`${REL}/spec.md`]: '# Theirs\n' }, 'theirs')
      w.git('switch', '-q', 'side')
      commitIn(w, '.', { [`${REL}/spec.md`]: '# Ours\n' }, 'ours')
    },
    run: 'spec-kitty merge --dry-run --target main',
    // Git asks to resolve it.
    remedy: (hint, w) =>
      `(${hint}) || (echo '# Both' > ${w.root}/${REL}/spec.md && git add -A && git commit -qm resolved)`,
  }),
  merge({
    code: 'checkout_blocked',
    arrange: w => {
      addReadyMission(w)
      w.git('config', 'core.protectNTFS', 'false')
      commitIn(w, lanePathOf('lane-a'), { 'src/a/git~1': 'x\n' }, 'a name that Windows reads as .git')
      w.git('config', 'core.protectNTFS', 'true')
    },
    // The sentence is git's own; the command shows where it stands.
    instead: true,
  }),
  merge({
    code: 'dirty_worktree',
    about: 'an edited file',
    arrange: w => {
      addReadyMission(w)
      commitIn(w, '.', { 'a b.txt': 'one\n' }, 'a file')
      w.write('a b.txt', 'two\n')
    },
  }),
  merge({
    code: 'dirty_worktree',
    about: 'a new file in the way',
    arrange: w => {
      addReadyMission(w)
      w.write('src/a/a.txt', 'mine\n')
    },
  }),
  merge({
    code: 'protected_branch',
    arrange: w => {
      addReadyMission(w)
      w.write('.kittify/config.yaml', 'agents:\n  auto_commit: true\nprotected_branches:\n- main\n')
      w.commit()
    },
    instead: true,
  }),
  merge({
    code: 'missing_target_branch',
    arrange: addReadyMission,
    run: 'spec-kitty merge --dry-run --target release',
  }),
  merge({
    code: 'target_checked_out_elsewhere',
    arrange: w => {
      addReadyMission(w)
      w.git('switch', '-q', '-c', 'work')
      w.git('worktree', 'add', '-q', '../else where', 'main')
    },
  }),
  merge({
    code: 'target_refresh_failed',
    arrange: w => {
      withRemote(w)
      w.git('remote', 'set-url', 'origin', '../gone.git')
    },
    run: 'spec-kitty merge --dry-run --fetch',
    // The command shows git's own words; what is wrong with the network is for the user.
    byHand: w => w.git('remote', 'set-url', 'origin', '../remote.git'),
  }),
  merge({
    code: 'target_behind_remote',
    arrange: w => {
      withRemote(w)
      pushTheirs(w, 'theirs.txt')
    },
  }),
  merge({
    code: 'target_behind_remote',
    about: 'another branch is checked out',
    arrange: w => {
      withRemote(w)
      pushTheirs(w, 'theirs.txt')
      w.git('switch', '-q', '-c', 'elsewhere')
    },
  }),
  merge({
    code: 'target_diverged_from_remote',
    arrange: w => {
      withRemote(w)
      pushTheirs(w, 'theirs.txt')
      commitIn(w, '.', { 'ours.txt': 'ours' }, 'ours')
    },
  }),
  merge({
    code: 'missing_mission_branch',
    arrange: w => {
      addReadyMission(w)
      w.git('branch', '-q', '-D', MISSION_BRANCH)
    },
  }),
  merge({
    code: 'missing_lane_branch',
    arrange: w => {
      addReadyMission(w)
      w.git('worktree', 'remove', lanePathOf('lane-b'))
      w.git('branch', '-q', '-D', laneBranchOf('lane-b'))
    },
  }),
  merge({
    code: 'REJECTED_REVIEW_ARTIFACT_CONFLICT',
    arrange: w => {
      addReadyMission(w)
      rejectedReview(w)
    },
  }),
  merge({
    code: 'REVIEW_ARTIFACT_SCHEMA_INVALID',
    arrange: w => {
      addReadyMission(w)
      w.write(`${REL}/tasks/WP01-demo/review-cycle-1.md`, 'no front matter\n')
      w.commit()
    },
    none: 'what the review said is for its reviewer to write',
  }),
  ...(['claimed', 'in_progress', 'for_review', 'in_review'] as const).map(lane =>
    merge({
      code: 'wp_not_approved',
      about: lane,
      arrange: w => {
        addMission(w, { deps: {} })
        advance(w, 'WP01', lane, 10)
        advance(w, 'WP02', 'approved', 30)
        w.write('.gitignore', '/.worktrees/\n')
        const ticked = w.read(`${REL}/tasks.md`).replaceAll('[ ]', '[x]')
        w.write(`${REL}/tasks.md`, ticked)
        w.commit()
        w.git('branch', MISSION_BRANCH)
        makeLane(w, 'lane-a', { 'src/wp01/a.txt': 'a' })
        makeLane(w, 'lane-b', { 'src/wp02/a.txt': 'a' })
      },
      fill: { NAME: 'claude' },
      // One step at a time: the next answer names the next one.
      instead: true,
    }),
  ),
  merge({
    code: 'nothing_to_merge',
    arrange: w => {
      addMission(w)
      for (const [i, wp] of ['WP01', 'WP02'].entries())
        appendEvents(w, [eventRow(wp, 'planned', 'canceled', 10 + i, { reason: 'not wanted' })])
      w.commit()
    },
    instead: true,
  }),
  merge({
    code: 'dirty_lane_worktree',
    arrange: w => {
      addReadyMission(w)
      w.write(`${lanePathOf('lane-a')}/src/a/new.txt`, 'new\n')
    },
  }),
  merge({
    code: 'lane_conflict',
    arrange: w => {
      addApprovedMission(w)
      makeLane(w, 'lane-a', { 'x.txt': 'A\n' })
      makeLane(w, 'lane-b', { 'x.txt': 'B\n' })
    },
    remedy: (hint, w) => `(${hint}); ${resolve('x.txt', 'lane-b', w)}`,
  }),
  merge({
    code: 'target_conflict',
    arrange: w => {
      addReadyMission(w)
      commitIn(w, '.', { 'src/a/a.txt': 'main\n' }, 'main goes on')
    },
    remedy: (hint, w) => `(${hint}); ${resolve('src/a/a.txt', 'lane-a', w)}`,
  }),
  merge({
    code: 'rebase_conflict',
    arrange: w => {
      addApprovedMission(w)
      makeLane(w, 'lane-a', { 'x.txt': 'A\n' })
      commitIn(w, lanePathOf('lane-a'), { 'x.txt': 'main\n' }, 'as main has it')
      makeLane(w, 'lane-b', { 'src/b/b.txt': 'B\n' })
      commitIn(w, '.', { 'x.txt': 'main\n' }, 'main goes on')
    },
    run: 'spec-kitty merge --dry-run --strategy rebase',
    instead: true,
  }),
]

/** Everything that acceptance asks for is there. */
function acceptable(w: World): void {
  addReadyMission(w)
  w.write(`${REL}/tasks.md`, w.read(`${REL}/tasks.md`).replaceAll('[ ]', '[x]'))
  w.commit()
}

const accept = (row: Omit<Row, 'run' | 'list'> & Partial<Pick<Row, 'run'>>): Row => ({
  run: 'spec-kitty accept --lenient',
  list: 'failed_checks',
  ...row,
})

export const ACCEPT_ROWS: readonly Row[] = [
  accept({
    code: 'unchecked_tasks',
    arrange: w => {
      acceptable(w)
      w.write(`${REL}/tasks.md`, w.read(`${REL}/tasks.md`).replace('[x] T011', '[ ] T011'))
      w.commit()
    },
  }),
  accept({
    code: 'metadata',
    arrange: acceptable,
    run: 'spec-kitty accept',
    remedy: () => 'spec-kitty accept --lenient --diagnose',
    instead: true,
  }),
  accept({
    code: 'missing_artifacts',
    arrange: w => {
      acceptable(w)
      w.git('rm', '-q', `${REL}/plan.md`)
      w.commit()
    },
    byHand: w => {
      w.write(`${REL}/plan.md`, '# Plan\n')
      w.commit()
    },
    remedy: () => ':',
  }),
  accept({
    code: 'needs_clarification',
    arrange: w => {
      acceptable(w)
      w.write(`${REL}/plan.md`, '# Plan\n\n[NEEDS CLARIFICATION: how?]\n')
      w.commit()
    },
    byHand: w => {
      w.write(`${REL}/plan.md`, '# Plan\n\nSo.\n')
      w.commit()
    },
  }),
  accept({
    code: 'git_dirty',
    arrange: w => {
      acceptable(w)
      w.write('notes.txt', 'mine\n')
    },
    none: 'whether to commit or remove a file is for its owner to say',
  }),
]
