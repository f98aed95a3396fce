import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openOperation } from './open-operation.ts'
import { readStop } from './stop.ts'

let world: World
const LINES = Array.from({ length: 12 }, (_, i) => `line ${i}\n`)

/** Three commits on `topic` change a line of `f` each; the first one conflicts with `main`. */
beforeEach(() => {
  world = createWorld()
  const change = (at: number, text: string) => {
    LINES[at] = `${text}\n`
    world.write('f', LINES.join(''))
    world.git('commit', '-qam', text)
  }
  for (const i of LINES.keys()) LINES[i] = `line ${i}\n`
  world.write('f', LINES.join(''))
  world.write('other', 'other\n')
  world.write('gone', 'gone\n')
  world.commit('base')
  world.git('switch', '-qc', 'topic')
  for (const n of [0, 4, 8]) change(n, `topic ${n}`)
  for (const n of [0, 4, 8]) LINES[n] = `line ${n}\n`
  world.git('switch', '-q', 'main')
  change(0, 'main 0')
  world.git('switch', '-q', 'topic')
})
afterEach(() => world.cleanup())

const shell = (script: string) => {
  const env = { ...world.env, GIT_EDITOR: 'true' }
  return spawnSync('/bin/sh', ['-c', script], { cwd: world.root, env, encoding: 'utf8' })
}

const OPERATIONS: Readonly<Record<string, string>> = {
  'rebase that stops to edit': "GIT_SEQUENCE_EDITOR='sed -i 1s/^pick/edit/' git rebase -i HEAD~2",
  'rebase that takes a break': "GIT_SEQUENCE_EDITOR='sed -i 1abreak' git rebase -i HEAD~2",
  'rebase whose command fails': 'git rebase --exec false HEAD~2',
  'rebase with a conflict': 'git rebase main',
  'rebase by patches': 'git rebase --apply main',
  'series of mails':
    'git format-patch -q -o ../mails main && git switch -qc mailed main && git am -3 ../mails/*.patch',
  'cherry-pick': 'git switch -qc picked main && git cherry-pick topic~2',
  'series of picks': 'git switch -qc picked main && git cherry-pick main~1..topic',
  revert: "sed -i '1s/.*/else/' f && git commit -qam else && git revert --no-edit topic~3",
  'series of reverts':
    "sed -i '1s/.*/else/' f && git commit -qam else && git revert --no-edit topic~3 topic~2 topic~1",
  merge: 'git merge main',
  bisect: 'git bisect start HEAD HEAD~3',
}

const RESOLVED = `{ git checkout -q --theirs f; sed -i '/^[<=>]\\{7\\}/d' f; git add -A; } 2>/dev/null`
const STAGED = 'echo mine >> other; git add -A'
const ALL_KINDS = `${STAGED}; echo mine >> other; rm gone; echo mine > fresh; echo mine > intended; git add -N intended`
const COMMITTED = `${RESOLVED}; git commit -q --allow-empty -m since`
const STATES: Readonly<Record<string, string>> = {
  'as it stopped': 'true',
  resolved: RESOLVED,
  'with staged edits': `${RESOLVED}; ${STAGED}`,
  'with edits of all kinds': `${RESOLVED}; ${ALL_KINDS}`,
  'without the resolution': 'git reset -q --hard',
  'committed since': COMMITTED,
  'committed since, with staged edits': `${COMMITTED}; ${STAGED}`,
  'amended since, with edits of all kinds': `${COMMITTED}; git commit -q --amend -m since; ${ALL_KINDS}`,
  'with edits of a file that comes next': `${RESOLVED}; sed -i '9s/.*/mine/' f`,
}

test.each(Object.entries(OPERATIONS))('a %s is ended by what is printed', async (_, begin) => {
  shell(begin)
  const begun = join(world.dir, 'begun')
  cpSync(world.root, begun, { recursive: true })
  for (const [name, state] of Object.entries(STATES)) {
    rmSync(world.root, { recursive: true })
    cpSync(begun, world.root, { recursive: true })
    expect(openOperation(world.ports.files, world.root), name).toBeDefined()
    const since = shell(`${state}; git rev-parse HEAD`).stdout.trim().split('\n').at(-1) ?? ''
    const choices = await endIt(name)
    // A person who takes the other side in a conflict means it.
    if (state.includes('mine') && choices === 0)
      expect(shell("git grep -q mine HEAD || grep -rq --include='[foi]*' mine .").status, name).toBe(0)
    if (state.includes('since') && begin.includes('bisect'))
      expect(world.git('branch', '--contains', since), name).toContain('topic')
  }
})

test('a merge of two repositories that were added by accident is ended by what is printed', async () => {
  for (const side of ['theirs', 'ours']) {
    world.git('switch', '-qc', side, 'main')
    world.git(
      'update-index',
      '--add',
      '--cacheinfo',
      `160000,${side === 'ours' ? 'a' : 'b'}${'0'.repeat(39)},in`,
    )
    world.git('commit', '-qm', side)
  }
  shell('mkdir -p in; git merge theirs')
  expect(openOperation(world.ports.files, world.root)?.name).toBe('merge')
  shell((await readStop(world.ports, world.root))?.goOn ?? '')
  expect(openOperation(world.ports.files, world.root)).toBeUndefined()
})

/** Pastes what is printed until nothing is open; answers how often git asked for a choice. */
async function endIt(name: string, resolve = RESOLVED): Promise<number> {
  let choices = 0
  let last = ''
  for (let round = 0; round < 6; round++) {
    const stop = await readStop(world.ports, world.root)
    if (stop === undefined) return choices
    last = `${stop.goOn}\n${shell(stop.goOn).stderr}`
    if (world.git('ls-files', '-u') === '') continue
    choices++
    shell(resolve)
  }
  throw new Error(`${name} is still open after ${last}`)
}

/** Commits on `later` conflict with `main`, then bring `sub/new` and `moved/late`, then go on. */
const LATER = [
  'git switch -qc later main~1',
  "sed -i '1s/.*/later/' f && git commit -qam first",
  'mkdir -p sub moved && echo theirs > sub/new && echo theirs > moved/late && git add . && git commit -qm brings',
  "sed -i '9s/.*/later 9/' f && git commit -qam last",
].join(' && ')
/** BLOCK: where what is in the way comes to lie; git stops there, or at the commit before. */
const BRINGING: Readonly<Record<string, string>> = {
  rebase: 'git rebase main; BLOCK',
  'rebase by patches': 'git rebase --apply main; BLOCK',
  'rebase over a renamed folder':
    'git switch -q main; mkdir old; echo x > old/x; git add old; git commit -qm old; git switch -qc early; mkdir sub; echo theirs | tee old/late sub/new; git add .; git commit -qm brings; git switch -q main; git mv old moved; git commit -qm renames; git switch -q early; git switch -qd main; BLOCK; git config merge.directoryRenames true; git rebase HEAD early',
  'series of mails': 'git format-patch -qo ../mails main; git switch -q main; git am -3 ../mails/*; BLOCK',
  'series of mails that do not fit':
    'git format-patch -qo ../mails main; git switch -q main; BLOCK; git am ../mails/*',
  'series of picks': 'git switch -q main; git cherry-pick main..later; BLOCK',
  'series of picks that stops before the first': 'git switch -q main; BLOCK; git cherry-pick later~2..later',
  'series of reverts':
    'git rm -q sub/new moved/late; git commit -qm gone; BLOCK; git revert --no-edit HEAD HEAD~1',
}
const IN_THE_WAY: Readonly<Record<string, string>> = {
  'a file': 'mkdir -p sub moved; echo mine > sub/new; echo mine > moved/late',
  'a file for a folder': 'rmdir sub; echo mine > sub',
  'a folder for a file': 'mkdir -p sub/new; echo mine > sub/new/inner',
  'a repository': 'git init -q sub; echo mine > sub/new',
}
const EVERYTHING = Object.keys(BRINGING).flatMap(operation =>
  Object.keys(IN_THE_WAY).flatMap(obstacle =>
    obstacle === 'a file' || /^rebase(?: by.*)?$/.test(operation) ? [[operation, obstacle] as const] : [],
  ),
)

test.each(EVERYTHING)('a %s is led past %s where it would write', async (operation, obstacle) => {
  shell(LATER)
  shell((BRINGING[operation] ?? '').replace('BLOCK', IN_THE_WAY[obstacle] ?? ''))
  expect(openOperation(world.ports.files, world.root)).toBeDefined()
  await endIt(operation, RESOLVED.replace('add -A', 'add f'))
  expect(shell('git show HEAD:moved/late && git show HEAD:sub/new').stdout).toBe('theirs\ntheirs\n')
  const kept = 'git grep -q mine "$(git rev-parse -q --verify stash^3)" -- . || grep -rq mine .'
  expect(shell(kept).status).toBe(0)
})

test('a mail that fits nowhere is left out, and kept', async () => {
  shell("sed -i '1s/.*/mailed/' f; git commit -qam mailed; git format-patch -qo ../mails -1; git rm -q f")
  shell('git commit -qm gone; git repack -adq; git am -q ../mails/*')
  expect(openOperation(world.ports.files, world.root)?.name).toBe('am')
  await endIt('am')
  expect(world.read('.git/patch.mine')).toContain('+mailed')
})

test('a rebase that failed before it began gives back what it put aside', async () => {
  shell('echo mine >> other; git rm -q --cached gone; git rebase -q --autostash main')
  expect(openOperation(world.ports.files, world.root)?.abort).toBe('rebase --quit')
  await endIt('rebase')
  expect(world.git('stash', 'show', '-p')).toContain('+mine')
})

test('a bisect goes back though its branch is gone', async () => {
  world.git('bisect', 'start', 'HEAD', 'HEAD~3')
  world.git('update-ref', '-d', 'refs/heads/topic')
  shell((await readStop(world.ports, world.root))?.goOn ?? '')
  expect(openOperation(world.ports.files, world.root)).toBeUndefined()
})
