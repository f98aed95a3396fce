/** One row or more for every error code: how a user meets it, and what the program then says to do. */
import { chmodSync, rmSync, symlinkSync } from 'node:fs'
import { trustKey } from '@spec-kitty/core/repo/project/trust'
import {
  addApprovedMission,
  addReadyMission,
  commitIn,
  lanePathOf,
  MISSION_BRANCH,
  makeLane,
} from '@spec-kitty/host/testing/lanes'
import { addMission, addProject, advance, appendEvents, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import type { World } from '@spec-kitty/host/testing/world'
import { type Elsewhere, type Row, shim, type, withoutGit } from './remedy.ts'

const REL = `kitty-specs/${MISSION_SLUG}`
const LOG = `${REL}/status.events.jsonl`
const SECOND = { slug: 'other-01KQW4DG', id: '01KQW4DG0000000000000000A2' }

/** What finalize-tasks asks for beyond the usual fixture. */
export const PLANNED = {
  tasksMd: `# Tasks\n\n${['WP01', 'WP02']
    .map(
      wp =>
        `## Work Package ${wp}: Title ${wp}\n\n**Requirement Refs**: FR-00${wp.slice(3)}\n${wp === 'WP02' ? '**Dependencies**: WP01\n' : ''}\n- [ ] T${wp.slice(2)}1 first\n- [ ] T${wp.slice(2)}2 second\n`,
    )
    .join('\n')}`,
}

function mission(w: World): void {
  addMission(w)
  w.commit()
}

function twoMissions(w: World): void {
  addMission(w)
  addMission(w, SECOND)
  w.commit()
}

/** Makes sure that what a row needs beforehand has worked. */
function must(w: World, script: string): void {
  const { status, stdout, stderr } = type(w, script)
  if (status !== 0) throw new Error(`${script}: ${stdout}${stderr}`)
}

/** A merge that was killed when its branches were to move, or just after they had. */
function interruptedMerge(w: World, when: 'before' | 'after' = 'before'): void {
  addReadyMission(w)
  const act = when === 'after' ? '"$real" "$@"; ' : ''
  type(w, 'spec-kitty merge', {
    env: shim(w, `case "$*" in *update-ref*) ${act}kill -9 $PPID; exit 1;; esac`),
  })
  if (!w.exists(`.git/spec-kitty-merge/${MISSION_SLUG}.json`)) throw new Error('no journal')
}

const firstOf = (hint: string): string => /: (?:.*? )?([\w-]+)(?:,|$)/.exec(hint)?.[1] ?? ''

export const ELSEWHERE: readonly Elsewhere[] = [
  { code: 'internal', test: 'packages/cli/src/main.test.ts', why: 'it takes a bug' },
  {
    code: 'interrupted',
    test: 'packages/cli/src/commands/init-interactive.test.ts',
    why: 'it takes a person at a terminal',
  },
  {
    code: 'push_refused',
    test: 'packages/cli/src/commands/merge.test.ts',
    why: 'it takes a remote that refuses, and both ways on are asserted there',
  },
  { code: 'not_landed', test: 'packages/cli/src/commands/merge-pr.test.ts', why: 'it takes a remote' },
  {
    code: 'landing_moved',
    test: 'packages/cli/src/commands/merge-pr.test.ts',
    why: 'it takes a remote, and somebody else',
  },
]

export const ERROR_ROWS: readonly Row[] = [
  { code: 'usage', arrange: mission, run: 'spec-kitty agent tasks statu', instead: true },
  {
    code: 'usage',
    about: 'an unknown option',
    arrange: mission,
    run: 'spec-kitty agent tasks status --wide',
    instead: true,
    remedy: hint => hint.replace('See: ', ''),
  },
  {
    code: 'mission_not_found',
    arrange: mission,
    run: 'spec-kitty agent tasks status --mission nope',
    remedy: hint => `spec-kitty agent tasks status --mission ${firstOf(hint)}`,
    instead: true,
  },
  { code: 'not_in_this_edition', arrange: mission, run: 'spec-kitty mission switch', instead: true },
  {
    code: 'ambiguous_mission',
    says: /'demo-feature'/,
    arrange: w => {
      addMission(w)
      addMission(w, { ...SECOND, slug: 'demo-feature-01KQW4DG' })
    },
    run: 'spec-kitty agent tasks status --mission demo-feature',
    remedy: hint => `spec-kitty agent tasks status --mission ${/--mission (\S+)/.exec(hint)?.[1]}`,
    instead: true,
  },
  {
    code: 'mission_required',
    arrange: twoMissions,
    run: 'spec-kitty agent tasks status',
    remedy: hint => `spec-kitty agent tasks status --mission ${firstOf(hint)}`,
    instead: true,
  },
  {
    code: 'mission_required',
    about: 'no mission yet',
    arrange: addProject,
    run: 'spec-kitty agent tasks status',
  },
  {
    code: 'mission_required',
    about: 'no project either',
    arrange: () => undefined,
    run: 'spec-kitty mission info',
  },
  {
    code: 'not_a_repository',
    arrange: w => w.git('worktree', 'list') && must(w, 'rm -rf .git'),
    run: 'spec-kitty agent tasks status',
  },
  {
    code: 'git_missing',
    arrange: w => {
      addReadyMission(w)
      withoutGit(w)
    },
    run: 'PATH="$PWD/../bare" spec-kitty merge --dry-run',
    none: 'installing git is for the user',
  },
  {
    code: 'git_too_old',
    says: /2\.20\.1/,
    arrange: w => {
      addReadyMission(w)
      shim(w, 'case "$*" in *version) echo git version 2.20.1; exit 0;; esac')
    },
    run: 'PATH="$PWD/../shim:$PATH" spec-kitty merge --dry-run',
    none: 'installing git is for the user',
  },
  {
    code: 'git_failed',
    about: 'git does not know who commits',
    arrange: w => {
      mission(w)
      w.git('config', '--remove-section', 'user')
      w.git('config', 'user.useConfigOnly', 'true')
    },
    run: 'unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL; spec-kitty agent tasks mark-status T011 --status done',
  },
  {
    code: 'lock_busy',
    about: 'a lock that a crashed git left',
    arrange: w => {
      mission(w)
      w.write('.git/index.lock', '')
      w.write('.kittify/config.yaml', 'agents: {}\n')
    },
    run: 'spec-kitty safe-commit .kittify/config.yaml --message x',
  },
  { code: 'no_project', arrange: () => undefined, run: 'spec-kitty agent tasks status' },
  {
    code: 'schema_too_old',
    says: /has schema 2/,
    arrange: w => {
      mission(w)
      w.write('.kittify/metadata.yaml', 'spec_kitty:\n  schema_version: 2\n')
    },
    run: 'spec-kitty agent tasks list-tasks',
    none: 'older layouts are the business of the Python edition',
  },
  {
    code: 'schema_too_new',
    arrange: w => {
      mission(w)
      w.write('.kittify/metadata.yaml', 'spec_kitty:\n  schema_version: 9\n')
    },
    run: 'spec-kitty agent tasks list-tasks',
    none: 'a newer program has to be installed',
  },
  {
    code: 'wp_not_found',
    says: /'WP09'/,
    arrange: mission,
    run: 'spec-kitty agent tasks move-task WP09 --to claimed',
    remedy: hint => `spec-kitty agent tasks move-task ${firstOf(hint)} --to claimed`,
    instead: true,
  },
  {
    code: 'invalid_lane',
    says: /'finished'/,
    arrange: mission,
    run: 'spec-kitty agent tasks move-task WP01 --to finished',
    remedy: hint => `spec-kitty agent tasks move-task WP01 --to ${hint.split(' ')[0]}`,
    instead: true,
  },
  {
    code: 'invalid_input',
    arrange: mission,
    run: 'spec-kitty agent config set colour blue',
    instead: true,
  },
  {
    code: 'illegal_transition',
    about: 'implement what is approved',
    arrange: w => {
      addMission(w)
      advance(w, 'WP01', 'approved', 10)
      w.write('FILE', 'do it again\n')
      w.commit()
    },
    run: 'spec-kitty agent action implement WP01 --agent claude',
  },
  {
    code: 'illegal_transition',
    about: 'one event',
    arrange: mission,
    run: 'spec-kitty agent status emit WP01 --to approved --actor bob',
    remedy: hint => `spec-kitty agent status emit WP01 --actor bob --to ${/can go to (\w+)/.exec(hint)?.[1]}`,
    instead: true,
  },
  {
    code: 'guard_failed',
    about: 'open subtasks',
    arrange: w => {
      addMission(w)
      w.commit()
      must(w, 'spec-kitty agent action implement WP01 --agent claude')
      commitIn(w, lanePathOf('lane-a'), { 'src/wp01/a.txt': 'a' }, 'work')
    },
    run: 'spec-kitty agent tasks move-task WP01 --to for_review',
  },
  {
    code: 'guard_failed',
    about: 'a rejection without words',
    arrange: w => {
      addMission(w)
      advance(w, 'WP01', 'in_review', 10)
      w.write('FILE', 'too slow\n')
      w.commit()
    },
    run: 'spec-kitty agent tasks move-task WP01 --to planned',
    remedy: hint => `spec-kitty agent tasks move-task WP01 --to planned ${hint.split(': ')[1]}`,
    instead: true,
  },
  {
    code: 'not_ready',
    about: 'close an open mission',
    arrange: mission,
    run: 'spec-kitty mission close',
    instead: true,
  },
  {
    code: 'log_missing',
    arrange: w => {
      addMission(w, { ...PLANNED, events: false })
      w.commit()
    },
    run: 'spec-kitty agent status materialize',
  },
  {
    code: 'log_corrupt',
    about: 'a torn last line',
    says: /status\.events\.jsonl: .* on line 3/,
    arrange: w => {
      mission(w)
      w.write(LOG, `${w.read(LOG)}{"actor": "cl`)
    },
    run: 'spec-kitty agent tasks list-tasks',
  },
  {
    code: 'log_corrupt',
    about: 'a writing command',
    arrange: w => {
      mission(w)
      w.write(LOG, `<<<<<<< ours\n${w.read(LOG)}=======\n>>>>>>> theirs\n`)
    },
    run: 'spec-kitty agent tasks move-task WP01 --to claimed',
  },
  {
    code: 'file_malformed',
    about: 'meta.json',
    arrange: w => {
      mission(w)
      w.write(`${REL}/meta.json`, '{"slug": ')
    },
    run: 'spec-kitty agent tasks status',
  },
  {
    code: 'file_malformed',
    about: 'lanes.json',
    arrange: w => {
      addMission(w, PLANNED)
      w.commit()
      w.write(`${REL}/lanes.json`, '[')
    },
    run: 'spec-kitty agent action implement WP01 --agent claude',
  },
  {
    code: 'file_malformed',
    about: 'front matter',
    says: /WP01-demo\.md:\d+: /,
    arrange: w => {
      mission(w)
      const path = `${REL}/tasks/WP01-demo.md`
      w.write(path, w.read(path).replace('title: Title WP01', 'title: "Title WP01'))
    },
    run: 'spec-kitty agent tasks move-task WP01 --to claimed',
    byHand: w => w.git('checkout', 'HEAD', '--', REL),
  },
  {
    code: 'tasks_missing',
    arrange: w => {
      addMission(w, PLANNED)
      w.commit()
      w.git('rm', '-q', `${REL}/tasks.md`)
    },
    run: 'spec-kitty agent tasks mark-status T011 --status done',
    byHand: w => w.git('checkout', 'HEAD', '--', `${REL}/tasks.md`),
  },
  {
    code: 'file_changed',
    about: 'somebody moved a branch under our hands',
    arrange: w => {
      addReadyMission(w)
      const theirs = '"$real" commit-tree -p main -m theirs "main^{tree}"'
      const move = `"$real" update-ref refs/heads/main "$(${theirs})"`
      shim(w, `case "$*" in *update-ref*) test -e ../once || { : > ../once; ${move}; };; esac`)
    },
    run: 'PATH="$PWD/../shim:$PATH" spec-kitty merge',
    byHand: () => undefined,
  },
  {
    code: 'not_utf8',
    arrange: w => {
      mission(w)
      w.write(`${REL}/tasks.md`, Buffer.from('# caf\xe9\n\n- [ ] T011 first\n', 'latin1'))
      w.commit()
    },
    run: 'spec-kitty agent tasks mark-status T011 --status done',
    remedy: () => 'spec-kitty validate-encoding --all --fix',
  },
  {
    code: 'outside_project',
    about: 'a file of the repository is a link out of it',
    arrange: w => {
      mission(w)
      w.write('../home/.profile', '# mine')
      w.git('rm', '-q', '--cached', '--ignore-unmatch', `${REL}/status.json`)
      rmSync(`${w.root}/${REL}/status.json`, { force: true })
      symlinkSync(`${w.home}/.profile`, `${w.root}/${REL}/status.json`)
      w.commit()
    },
    run: 'spec-kitty agent tasks move-task WP01 --to claimed',
  },
  {
    code: 'protected_branch',
    arrange: w => {
      addMission(w)
      w.write('.kittify/config.yaml', 'agents:\n  auto_commit: true\nprotected_branches:\n- main\n')
      w.commit()
    },
    run: 'spec-kitty agent tasks mark-status T011 --status done',
  },
  {
    code: 'dirty_worktree',
    about: 'planning files',
    arrange: w => {
      addApprovedMission(w)
      w.write(`${REL}/plan.md`, '# Plan\n\nMore\n')
      w.git('config', 'user.name', 'Test')
      appendEvents(w, [])
    },
    run: 'spec-kitty merge --dry-run',
    list: 'blockers',
  },
  {
    code: 'lock_busy',
    arrange: w => {
      addReadyMission(w)
      w.write('.git/spec-kitty-locks/merge.lock', '')
    },
    run: 'exec 9< .git/spec-kitty-locks/merge.lock; flock 9; spec-kitty merge 9<&-',
    none: 'waiting for the other command is the remedy',
  },
  {
    code: 'coordination_mission',
    arrange: w => {
      const branch = `kitty/mission-${MISSION_SLUG}-coord`
      addMission(w, { meta: { coordination_branch: branch } })
      w.commit()
      w.git('worktree', 'add', '-q', '-b', branch, `.worktrees/${MISSION_SLUG}-coord`)
    },
    run: 'spec-kitty agent tasks mark-status T011 --status done',
  },
  {
    code: 'branch_identity_unresolved',
    arrange: w => {
      addMission(w, { ...PLANNED, slug: 'legacy', id: null, lanes: false })
      w.commit()
    },
    run: 'spec-kitty agent mission finalize-tasks',
  },
  {
    code: 'detached_head',
    arrange: w => {
      addProject(w)
      w.commit()
      w.git('switch', '-q', '--detach')
    },
    run: 'spec-kitty agent mission create hello',
  },
  {
    code: 'in_worktree',
    arrange: addReadyMission,
    cwd: lanePathOf('lane-a'),
    run: 'spec-kitty agent mission create hello',
  },
  {
    code: 'merge_in_progress',
    arrange: interruptedMerge,
    run: 'spec-kitty agent tasks mark-status T011 --status done',
  },
  {
    code: 'merge_not_abortable',
    about: 'somebody went on',
    arrange: w => {
      interruptedMerge(w, 'after')
      w.git(
        'update-ref',
        'refs/heads/main',
        w.git('commit-tree', '-p', 'main', '-m', 'theirs', 'main^{tree}'),
      )
    },
    run: 'spec-kitty merge --abort',
  },
  {
    code: 'merge_not_resumable',
    arrange: w => {
      interruptedMerge(w)
      const journal = `.git/spec-kitty-merge/${MISSION_SLUG}.json`
      w.write(journal, JSON.stringify({ ...JSON.parse(w.read(journal)), phase: 'aborting' }))
    },
    run: 'spec-kitty merge --resume',
  },
  { code: 'no_merge_to_resume', arrange: addReadyMission, run: 'spec-kitty merge --resume', instead: true },
  {
    code: 'tasks_not_finalized',
    about: 'no lanes.json',
    arrange: w => {
      addMission(w, { ...PLANNED, lanes: false, events: false })
      w.commit()
    },
    run: 'spec-kitty agent action implement WP01 --agent claude',
  },
  {
    code: 'tasks_not_finalized',
    about: 'a move',
    arrange: w => {
      addMission(w, { ...PLANNED, events: false })
      w.commit()
    },
    run: 'spec-kitty agent tasks move-task WP01 --to claimed',
  },
  {
    code: 'tasks_invalid',
    arrange: w => {
      addMission(w, { deps: { WP01: ['WP02'], WP02: ['WP01'] }, lanes: false, events: false })
      w.commit()
    },
    run: 'spec-kitty agent mission finalize-tasks',
    none: 'the plan has to be thought over by a person',
  },
  {
    code: 'decision_refused',
    arrange: mission,
    shows: 'DECISION_MISSING_STEP_OR_SLOT',
    run: 'spec-kitty agent decision open --flow specify --input-key k --question q',
    remedy: hint =>
      `spec-kitty agent decision open --flow specify --input-key k --question q ${/--[\w-]+/.exec(hint)?.[0]} specify.k`,
    instead: true,
  },
  {
    code: 'mission_incomplete',
    arrange: w => {
      addMission(w, { ...PLANNED, meta: { target_branch: undefined }, lanes: false, events: false })
      w.commit()
    },
    run: 'spec-kitty agent mission finalize-tasks',
  },
  {
    code: 'lane_branch_lost',
    arrange: w => {
      mission(w)
      must(w, 'spec-kitty agent action implement WP01 --agent claude')
      w.git('worktree', 'remove', '--force', lanePathOf('lane-a'))
      w.git('branch', '-q', '-D', `${MISSION_BRANCH}-lane-a`)
    },
    run: 'spec-kitty agent action implement WP01 --agent claude',
  },
  {
    code: 'dependency_lane_conflict',
    arrange: w => {
      addMission(w)
      advance(w, 'WP01', 'approved', 10)
      w.commit()
      w.git('branch', MISSION_BRANCH)
      makeLane(w, 'lane-a', { 'x.txt': 'A\n' })
      makeLane(w, 'lane-b', { 'x.txt': 'B\n' })
    },
    run: 'spec-kitty agent action implement WP02 --agent claude',
    // The merge stops, as it must: a person resolves it.
    remedy: (hint, w) =>
      `(${hint.split('run implement again: ')[1]}); cd ${w.root}/${lanePathOf('lane-b')} && echo AB > x.txt && git add -A && git commit -qm resolved && cd ${w.root}`,
  },
  {
    code: 'dependencies_not_satisfied',
    arrange: mission,
    run: 'spec-kitty agent action implement WP02 --agent claude',
    byHand: w => advance(w, 'WP01', 'approved', 10),
  },
  {
    code: 'claimed_by_other',
    arrange: w => {
      addMission(w)
      w.write('FILE', 'over to you\n')
      w.commit()
      must(w, 'spec-kitty agent action implement WP01 --agent claude')
    },
    run: 'spec-kitty agent action implement WP01 --agent bob',
  },
  {
    code: 'setup_not_trusted',
    arrange: w => {
      addMission(w)
      w.write('.kittify/config.yaml', 'agents:\n  auto_commit: true\nworktree:\n  setup: exit 0\n')
      w.commit()
    },
    run: 'spec-kitty agent action implement WP01 --agent claude',
  },
  {
    code: 'setup_failed',
    arrange: w => {
      addMission(w)
      w.write('.kittify/config.yaml', 'agents:\n  auto_commit: true\nworktree:\n  setup: exit 3\n')
      w.commit()
      const key = trustKey({ setting: 'worktree.setup', command: 'exit 3' })
      w.write('.git/spec-kitty-trust', `${key} worktree.setup\n`)
    },
    run: 'spec-kitty agent action implement WP01 --agent claude',
    byHand: w => w.write('.kittify/config.yaml', 'agents:\n  auto_commit: true\n'),
  },
  {
    code: 'tour_failed',
    arrange: w => void shim(w, 'case "$*" in *commit*) exit 1;; esac'),
    run: 'PATH="$PWD/../shim:$PATH" spec-kitty tour --dir ../tour',
    none: 'the tour works, or there is a bug',
  },
  { code: 'sync_disabled', arrange: mission, run: 'spec-kitty sync now' },
  {
    code: 'not_logged_in',
    arrange: mission,
    run: 'spec-kitty auth whoami',
    none: 'needs a server and a person (packages/cli/src/commands/auth/auth.test.ts)',
  },
  {
    code: 'login_failed',
    about: 'no server',
    arrange: mission,
    run: 'spec-kitty auth login',
    none: 'the address is for the team to tell',
  },
  {
    code: 'session_unreadable',
    arrange: w => {
      w.write(`${w.home}/.spec-kitty/auth/session.json`, '{}')
      chmodSync(`${w.home}/.spec-kitty/auth/session.json`, 0o644)
    },
    run: 'spec-kitty auth status',
    // What such a file holds is another matter.
    instead: true,
  },
  {
    code: 'sync_failed',
    about: 'no server',
    arrange: mission,
    run: 'spec-kitty sync share team',
    env: { SPEC_KITTY_ENABLE_SAAS_SYNC: '1' },
    none: 'the address is for the team to tell',
  },
  {
    code: 'io_failed',
    arrange: w => w.write('data', 'a file'),
    run: 'spec-kitty serve --data data/below',
    none: 'which directory to use is for the user to say',
  },
]
