/** Every state that git itself can lead out of: the printed commands, pasted as they are, end in a merge that loses nothing. */
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MergeBlocked } from '@spec-kitty/contracts/cli/merge-dry-run'
import {
  addReadyMission,
  commitIn,
  laneBranchOf,
  lanePathOf,
  MISSION_BRANCH,
} from '@spec-kitty/host/testing/lanes'
import { MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

const DIR = `kitty-specs/${MISSION_SLUG}`
const A = lanePathOf('lane-a')
/** A branch that git allows and a shell would run. */
const TARGET = `ma'in;$(touch${'$'}{IFS}pwned)`

let world: World
beforeEach(() => {
  world = createWorld({ branch: TARGET, name: "re po's" })
})
afterEach(() => world.cleanup())

const dryRun = async (...words: string[]): Promise<MergeBlocked> =>
  (await runCli(world, ['merge', '--dry-run', '--json', ...words])).json as MergeBlocked

function paste(command: string): void {
  spawnSync('sh', ['-c', command], {
    cwd: world.root,
    env: { ...world.env, GIT_EDITOR: 'true' },
    encoding: 'utf8',
  })
}

/** Whatever git asks to resolve is resolved as it lies there. */
function resolve(): void {
  for (const place of [world.root, ...['lane-a', 'lane-b'].map(lane => join(world.root, lanePathOf(lane)))]) {
    const seen = spawnSync('git', ['status'], { cwd: place, env: world.env })
    if (!existsSync(join(place, '.git')) || seen.status !== 0) continue
    const open = world
      .gitAt(place, 'status', '--porcelain')
      .split('\n')
      .some(line => /^(?:U.|.U|AA|DD)/.test(line))
    if (open) commitIn(world, place, {}, 'resolve')
  }
}

const MADE: Readonly<Record<string, () => void>> = {
  'a tracked edit': () => world.write('.gitignore', 'dirty\n'),
  'a staged rename, a deletion and a new file': () => {
    world.git('mv', '.gitignore', 'ignore')
    world.git('rm', '-q', '.kittify/config.yaml')
    world.write('new', 'x')
    world.git('add', '-N', 'new')
  },
  'a link over a directory, staged': () => {
    rmSync(join(world.root, 'old'), { recursive: true })
    symlinkSync('README.md', join(world.root, 'old'))
    world.git('add', '-A')
  },
  'an untracked file in the way': () => world.write('src/a/a.txt', 'mine'),
  'an ignored file in the way': () => {
    world.write('.git/info/exclude', 'src\n')
    world.write('src/a/a.txt', 'mine')
  },
  'an edit hidden by skip-worktree': () => {
    commitIn(world, A, { 'README.md': 'of the lane\n' }, 'readme')
    world.git('update-index', '--skip-worktree', 'README.md')
    world.write('README.md', 'mine\n')
  },
  'a lane on a detached HEAD with a commit': () => {
    world.gitAt(A, 'switch', '-q', '--detach')
    commitIn(world, A, { 'src/a/late.txt': 'late\n' }, 'late')
  },
  'a lane on a detached HEAD, with an edit of what its branch has otherwise': () => {
    world.gitAt(A, 'switch', '-q', '--detach', 'HEAD~1')
    world.write(`${A}/src/a/a.txt`, 'edited\n')
  },
  'a lane on a detached HEAD where a git crashed': () => {
    world.gitAt(A, 'switch', '-q', '--detach')
    writeFileSync(join(world.gitAt(A, 'rev-parse', '--absolute-git-dir'), 'index.lock'), '')
  },
  'a lane on another branch': () => {
    world.gitAt(A, 'switch', '-q', '-c', "o'ther")
    commitIn(world, A, { 'src/a/late.txt': 'late\n' }, 'late')
  },
  'a lane in the middle of a merge': () => {
    world.gitAt(A, 'branch', 'side')
    commitIn(world, A, { 'src/a/a.txt': 'ours\n' }, 'ours')
    world.gitAt(A, 'switch', '-q', 'side')
    commitIn(world, A, { 'src/a/a.txt': 'theirs\n' }, 'theirs')
    world.gitAt(A, 'switch', '-q', laneBranchOf('lane-a'))
    spawnSync('git', ['merge', 'side'], { cwd: join(world.root, A), env: world.env })
  },
  'a lane in the middle of a pick that has become empty': () => {
    spawnSync('git', ['cherry-pick', 'HEAD'], { cwd: join(world.root, A), env: world.env })
  },
  'a lane in the middle of a rebase, with edits': () => {
    const env = { ...world.env, GIT_SEQUENCE_EDITOR: 'sed -i 1s/^pick/edit/' }
    spawnSync('git', ['rebase', '-q', '-i', 'HEAD~1'], { cwd: join(world.root, A), env })
    world.write(`${A}/README.md`, 'edited\n')
  },
  'a lane whose .git was removed, with uncommitted work': () => {
    world.write(`${A}/src/a/wip.txt`, 'wip\n')
    rmSync(join(world.root, A, '.git'))
  },
  'a lane whose folder was removed and written to again': () => {
    rmSync(join(world.root, A), { recursive: true })
    world.git('worktree', 'prune')
    world.write(`${A}/src/a/wip.txt`, 'wip\n')
  },
  'uncommitted work in the checkout, which has the branch of a lane': () => {
    world.git('worktree', 'remove', A)
    world.git('switch', '-q', laneBranchOf('lane-a'))
    world.write('src/a/a.txt', 'more\n')
  },
  'a lane that git has forgotten': () => rmSync(join(world.root, '.git/worktrees'), { recursive: true }),
  'a lane whose folder is gone': () => rmSync(join(world.root, A), { recursive: true }),
  'staged work in a lane whose folder is gone': () => {
    world.write(`${A}/src/a/staged.txt`, 'staged\n')
    world.gitAt(A, 'add', '-A')
    rmSync(join(world.root, '.worktrees'), { recursive: true })
  },
  'staged work in a lane whose folder is gone, and whose branch went on': () => {
    world.write(`${A}/src/a/staged.txt`, 'staged\n')
    world.gitAt(A, 'add', '-A')
    rmSync(join(world.root, A), { recursive: true })
    const lane = laneBranchOf('lane-a')
    world.git('switch', '-q', '--ignore-other-worktrees', lane)
    commitIn(world, '.', { 'src/a/late.txt': 'late\n' }, 'late')
    world.git('switch', '-q', TARGET)
  },
  'staged work in a lane whose folder and branch are gone': () => {
    world.write(`${A}/src/a/staged.txt`, 'staged\n')
    world.gitAt(A, 'add', '-A')
    rmSync(join(world.root, A), { recursive: true })
    world.git('update-ref', '-d', `refs/heads/${laneBranchOf('lane-a')}`)
  },
  'staged work in a lane whose folder, branch and reflog are gone': () => {
    world.write(`${A}/src/a/staged.txt`, 'staged\n')
    world.gitAt(A, 'add', '-A')
    rmSync(join(world.root, '.git/logs'), { recursive: true })
    rmSync(join(world.gitAt(A, 'rev-parse', '--absolute-git-dir'), 'logs'), { recursive: true })
    rmSync(join(world.root, A), { recursive: true })
    world.git('update-ref', '-d', `refs/heads/${laneBranchOf('lane-a')}`)
  },
  'a locked lane whose folder is gone, with a conflict': () => {
    commitIn(world, A, { shared: 'A\n' }, 'a')
    commitIn(world, lanePathOf('lane-b'), { shared: 'B\n' }, 'b')
    for (const lane of ['lane-a', 'lane-b']) world.git('worktree', 'lock', lanePathOf(lane))
    rmSync(join(world.root, '.worktrees'), { recursive: true })
  },
  'uncommitted work in a sparse lane': () => {
    world.gitAt(A, 'sparse-checkout', 'set', 'old')
    world.write(`${A}/other/x.txt`, 'x')
  },
  'a lost branch': () => {
    world.git('worktree', 'remove', A)
    world.git('branch', '-D', laneBranchOf('lane-a'))
  },
  'a branch that was renamed': () => {
    world.git('worktree', 'remove', A)
    world.git('branch', '-m', laneBranchOf('lane-a'), "ren'amed")
  },
  'an edit in a folder that git is to ignore': () => {
    world.write('.git/info/exclude', 'src\n')
    world.write(`${A}/src/a/a.txt`, 'edited\n')
  },
  'a worktree that was added as a link, and removed': () => {
    world.git('add', '-f', '.worktrees')
    world.git('commit', '-qm', 'links')
    world.git('worktree', 'remove', A)
    world.git('branch', '-m', laneBranchOf('lane-a'), 'renamed')
  },
  'uncommitted work in a lane': () => world.write(`${A}/src/a/it's.txt`, 'late\n'),
  'a repository inside a lane': () => {
    world.write(`${A}/src/a/crate/main`, 'code\n')
    world.git('init', '-q', `${A}/src/a/crate`)
    world.gitAt(`${A}/src/a/crate`, 'add', '-A')
    world.gitAt(`${A}/src/a/crate`, 'commit', '-qm', 'inner')
  },
  'a link to a repository that nobody can fetch': () => {
    world.git('init', '-q', `${A}/src/a/crate`)
    world.write(`${A}/src/a/crate/main`, 'code\n')
    world.gitAt(`${A}/src/a/crate`, 'add', '-A')
    world.gitAt(`${A}/src/a/crate`, 'commit', '-qm', 'inner')
    commitIn(world, A, {}, 'embed')
  },
  'such a link whose repository is gone': () => {
    world.git('init', '-q', `${A}/src/a/crate`)
    world.gitAt(`${A}/src/a/crate`, 'commit', '-qm', 'inner', '--allow-empty')
    commitIn(world, A, {}, 'embed')
    world.git('worktree', 'remove', '--force', A)
  },
  'a worktree of this repository inside a lane': () => {
    world.gitAt(A, 'worktree', 'add', '-q', '--detach', 'tools/inner')
    commitIn(world, `${A}/tools/inner`, { wip: 'wip' }, 'of another tool')
  },
  'such a worktree in a lane that git moved': () => {
    world.gitAt(A, 'worktree', 'add', '-q', '--detach', 'tools/inner')
    commitIn(world, `${A}/tools/inner`, { wip: 'wip' }, 'of another tool')
    world.git('worktree', 'move', A, '.worktrees/moved')
  },
  'a lane with a history of its own': () => {
    world.gitAt(A, 'switch', '-q', '--orphan', 'own')
    commitIn(world, A, { 'src/a/a.txt': 'own' }, 'from nothing')
    world.gitAt(A, 'switch', '-q', '-C', laneBranchOf('lane-a'))
    world.gitAt(A, 'branch', '-D', 'own')
  },
  'a lane that deletes planning files': () => {
    world.gitAt(A, 'rm', '-rq', 'kitty-specs')
    world.gitAt(A, 'commit', '-qm', 'tidy')
  },
  'a lane with a meta.json that is none': () =>
    commitIn(world, A, { [`${DIR}/meta.json`]: '{ no\n' }, 'break') as never,
  'a meta.json that is none on the target, and in the lanes that have it from there': () => {
    world.git('branch', 'before')
    world.write(`${DIR}/meta.json`, '{ no\n')
    world.commit('break')
    for (const lane of ['lane-a', 'lane-b']) world.gitAt(lanePathOf(lane), 'merge', '-q', TARGET)
    world.git('switch', '-q', 'before')
  },
  'conflict markers in the event logs of two lanes that git has to merge': () => {
    const log = `${DIR}/status.events.jsonl`
    for (const lane of ['lane-a', 'lane-b']) {
      const marked = `${world.read(log)}<<<<<<< HEAD\n${lane}\n=======\n>>>>>>> theirs\n`
      const lines = world.read('old/f0').split('\n')
      lines[lane === 'lane-a' ? 0 : 15] = lane
      commitIn(world, lanePathOf(lane), { [log]: marked, 'old/f0': lines.join('\n') }, 'resolved')
    }
  },
  'a conflict of the lanes': () => {
    commitIn(world, A, { shared: 'A\n' }, 'a')
    commitIn(world, lanePathOf('lane-b'), { shared: 'B\n' }, 'b')
  },
  'a directory that one lane renames and another adds to': () => {
    world.gitAt(A, 'mv', 'old', 'new')
    world.gitAt(A, 'commit', '-qm', 'rename')
    commitIn(world, lanePathOf('lane-b'), { 'old/extra': 'x\n' }, 'add')
  },
  'a conflict with the target': () => {
    commitIn(world, A, { shared: 'A\n' }, 'a')
    world.write('shared', 'hotfix\n')
    world.commit('hotfix')
  },
  'a conflict with the target, and edits beside it': () => {
    commitIn(world, A, { shared: 'A\n' }, 'a')
    world.write(`${A}/shared`, 'more\n')
    world.write('shared', 'hotfix\n')
    world.commit('hotfix')
  },
  'a deletion of a planning file that only a lane took over': () => {
    const note = `${DIR}/note.md`
    world.write(note, 'note\n')
    world.commit('note')
    world.gitAt(A, 'merge', '-q', '--no-commit', TARGET)
    world.gitAt(A, 'rm', '-qf', note)
    world.gitAt(A, 'commit', '-qm', 'without the note')
  },
  'a conflict with the target, and a tag of its name': () => {
    world.git('tag', TARGET)
    commitIn(world, A, { shared: 'A\n' }, 'a')
    world.write('shared', 'hotfix\n')
    world.commit('hotfix')
  },
  'a conflict of the lanes, and tags of their names': () => {
    for (const lane of ['lane-a', 'lane-b']) world.git('tag', laneBranchOf(lane))
    commitIn(world, A, { shared: 'A\n' }, 'a')
    commitIn(world, lanePathOf('lane-b'), { shared: 'B\n' }, 'b')
  },
  'a lane on another branch, and a tag of its name': () => {
    world.git('tag', 'other')
    world.gitAt(A, 'switch', '-q', '-c', 'other')
    commitIn(world, A, { 'src/a/late.txt': 'late\n' }, 'late')
  },
  'a lane that is behind its remote, and a branch of that name': () => {
    world.git('branch', `origin/${laneBranchOf('lane-a')}`)
    const theirs = world.git(
      'commit-tree',
      '-p',
      laneBranchOf('lane-a'),
      '-m',
      'theirs',
      `${laneBranchOf('lane-a')}^{tree}`,
    )
    world.git('update-ref', `refs/remotes/origin/${laneBranchOf('lane-a')}`, theirs)
  },
  'a lane on a detached HEAD whose branch is in the checkout': () => {
    world.gitAt(A, 'switch', '-q', '--detach')
    commitIn(world, A, { 'src/a/late.txt': 'late\n' }, 'late')
    world.git('switch', '-q', laneBranchOf('lane-a'))
  },
  'a target that was deleted under a checkout on the branch of a lane': () => {
    world.git('worktree', 'remove', A)
    world.git('switch', '-q', laneBranchOf('lane-a'))
    world.git('branch', '-D', TARGET)
  },
  'planning files that the mission branch deletes': () => {
    world.git('switch', '-q', MISSION_BRANCH)
    world.git('rm', '-q', `${DIR}/spec.md`)
    world.git('commit', '-qm', 'tidy')
    world.git('switch', '-q', TARGET)
    world.gitAt(A, 'merge', '-q', MISSION_BRANCH)
  },
  'a target and its remote that parted before the mission branch': () => {
    world.git('init', '-q', '--bare', '../remote.git')
    world.git('remote', 'add', 'origin', '../remote.git')
    world.git('commit', '-q', '--allow-empty', '-m', 'ours')
    world.git('branch', '-f', MISSION_BRANCH, 'HEAD')
    const theirs = world.git('commit-tree', '-p', 'HEAD~1', '-m', 'theirs', 'HEAD~1^{tree}')
    world.git('update-ref', `refs/remotes/origin/${TARGET}`, theirs)
  },
  'uncommitted bookkeeping that a lane changes too': () => {
    commitIn(world, A, { [`${DIR}/tasks.md`]: '# lane\n' }, 'tasks')
    world.write(`${DIR}/tasks.md`, `${world.read(`${DIR}/tasks.md`)}ticked\n`)
  },
  'another merge open in the checkout': () => {
    world.git('switch', '-qc', 'other')
    world.write('README.md', 'other\n')
    world.commit('other')
    world.git('switch', '-q', TARGET)
    world.write('README.md', 'work\n')
    world.commit('work')
    spawnSync('git', ['merge', 'other'], { cwd: world.root, env: world.env })
  },
  'another git at the index': () => writeFileSync(join(world.root, '.git/index.lock'), ''),
  'a missing mission branch': () => world.git('branch', '-D', MISSION_BRANCH) as never,
}

test.each(Object.keys(MADE))('%s', { timeout: 120_000 }, async name => {
  for (const i of [0, 1, 2]) world.write(`old/f${i}`, `content ${i}\n`.repeat(20))
  world.write('README.md', 'hello\n')
  addReadyMission(world)
  MADE[name]?.()
  const work = world.git('rev-list', '--all', '--no-walk').split('\n')
  const first = await dryRun()
  if (name !== 'a lane whose folder is gone') expect(first.blockers).not.toEqual([])
  for (let round = 0; round < 4; round++) {
    const { ready, blockers = [] } = await dryRun()
    if (ready) break
    for (const { remediation } of blockers) {
      for (const command of [remediation].flat()) paste(String(command))
      resolve()
    }
  }
  const last = await dryRun()
  expect(last.blockers).toEqual([])
  const done = await runCli(world, ['merge', '--json'])
  expect(done.json).toMatchObject({ result: 'success' })
  expect(existsSync(join(world.root, 'pwned'))).toBe(false)
  const held = new Set(world.git('rev-list', '--all', '--reflog').split('\n'))
  expect(work.filter(commit => !held.has(commit))).toEqual([])
  const landed = world.git('ls-tree', '-r', '--name-only', `refs/heads/${TARGET}`).split('\n')
  expect(landed).toEqual(expect.arrayContaining(['src/a/a.txt', 'src/b/b.txt', `${DIR}/spec.md`]))
  if (name.startsWith('staged work')) expect(landed).toContain('src/a/staged.txt')
  if (name.endsWith('branch went on')) expect(landed).toContain('src/a/late.txt')
  const left = world.git('worktree', 'list').split('\n')
  expect(left.filter(line => !/tools_inner| locked$/.test(line))).toHaveLength(1)
})
