/** Settings of git that people have and that must not matter: from claim to merge all comes out the same with all of them. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { IGNORED, lanePathOf, putFiles } from '@spec-kitty/host/testing/lanes'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { expect, test } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

const SETTINGS: Readonly<Record<string, string>> = {
  advice: 'detachedHead = false\nstatusHints = false',
  apply: 'whitespace = error-all',
  branch: 'autoSetupMerge = always\nautoSetupRebase = always',
  checkout: 'defaultRemote = elsewhere',
  color: 'ui = always',
  column: 'ui = always',
  commit: 'cleanup = scissors\ntemplate = /nonexistent\nverbose = true\nstatus = false',
  core: 'autocrlf = true\nattributesFile = ../attributes\ncheckStat = minimal\ncommentChar = %\neol = crlf\nignoreCase = true\nlogAllRefUpdates = false\nprecomposeUnicode = true\nquotePath = false\nsharedRepository = group\nsplitIndex = true\nsymlinks = false\nuntrackedCache = true',
  diff: 'external = /bin/false\nignoreSubmodules = all\nmnemonicPrefix = true\nnoprefix = true\norderFile = /dev/null\nrelative = true\nrenames = copies\nsubmodule = log',
  extensions: 'worktreeConfig = true',
  feature: 'manyFiles = true',
  format: 'pretty = oneline',
  gc: 'auto = 1\nautoDetach = false',
  i18n: 'commitEncoding = ISO-8859-1\nlogOutputEncoding = ISO-8859-1',
  index: 'skipHash = true\nversion = 4',
  init: 'defaultBranch = trunk',
  log: 'date = relative\nfollow = true\nshowSignature = true',
  merge:
    'autoStash = true\nconflictStyle = zdiff3\ndirectoryRenames = false\nff = only\nlog = true\nrenames = false\nverifySignatures = true',
  pull: 'ff = only\nrebase = true',
  push: 'default = nothing',
  rebase: 'autoStash = true\nautoSquash = true\nupdateRefs = true',
  rerere: 'autoUpdate = true\nenabled = true',
  safe: 'bareRepository = explicit',
  status:
    'branch = true\nrelativePaths = true\nrenames = false\nshort = true\nshowStash = true\nshowUntrackedFiles = no',
  transfer: 'hideRefs = refs/kitty',
  worktree: 'guessRemote = true\nuseRelativePaths = true',
}
/** Hooks that refuse, or leave something lying about. */
const HOOKS = Object.fromEntries(
  ['commit-msg', 'pre-commit', 'pre-merge-commit', 'post-checkout', 'post-merge', 'prepare-commit-msg'].map(
    name => [`.git/hooks/${name}`, { run: '#!/bin/sh\ntouch hooked\nexit 1\n' }],
  ),
)

function set({ root, write, git }: World): void {
  const text = Object.entries(SETTINGS).map(([section, lines]) => `[${section}]\n${lines}\n`)
  appendFileSync(join(root, '.git/config'), text.join(''))
  write('../attributes', '*.txt -diff\n')
  git('update-index', '--force-write-index')
  git('pack-refs', '--all')
  putFiles(root, HOOKS)
}

/** What was printed from the first claim to the merge, and what there is afterwards. */
async function walk(strategy: string, arrange: (world: World) => void): Promise<readonly string[]> {
  const world = createWorld()
  const said: string[] = []
  const plain = (text: string) => text.replaceAll(world.dir, 'DIR').replaceAll(/\b[0-9a-f]{7,64}\b/g, 'ID')
  const run = async (line: string) => {
    const { stdout, stderr, status } = await runCli(world, [...line.split(' '), '--mission', MISSION_SLUG])
    said.push(plain(`${line}: ${status}\n${stdout}${stderr}`))
  }
  try {
    world.write('.gitignore', IGNORED)
    world.write('.gitattributes', '*.txt text\n')
    addMission(world, { deps: {} })
    for (const i of [0, 1, 2]) world.write(`old/f${i}.txt`, `content ${i}\n`.repeat(20))
    world.write('größe/ß.txt', 'ä\n')
    world.commit()
    arrange(world)
    for (const [wp, lane] of [
      ['WP01', 'lane-a'],
      ['WP02', 'lane-b'],
    ] as const) {
      const path = lanePathOf(lane)
      const commit = (text: string) => {
        putFiles(join(world.root, path), { [`src/${lane}/ä.txt`]: `${text}\n` })
        world.gitAt(path, 'add', '-A')
        world.gitAt(path, '-c', 'core.hooksPath=/dev/null', 'commit', '-q', '-m', text)
      }
      await run(`agent action implement ${wp} --agent claude`)
      if (lane === 'lane-a') world.gitAt(path, 'mv', 'old/f0.txt', 'old/renamed.txt')
      commit('first')
      world.write(`${path}/src/${lane}/late.txt`, 'late')
      const rows = ['1', '2'].map(n => `T0${wp.slice(3)}${n}`)
      await run(`agent tasks mark-status ${rows.join(' ')} --status done`)
      await run(`agent tasks move-task ${wp} --to for_review`)
      commit('late')
      await run(`agent tasks move-task ${wp} --to for_review`)
      await run(`agent action review ${wp} --agent bob`)
      await run(`agent tasks move-task ${wp} --to approved`)
    }
    world.write('notes.txt', 'mine')
    await run('merge --dry-run')
    await run(`merge --strategy ${strategy}`)
    const look = (...words: string[]) => plain(world.git('-c', 'core.quotePath=true', ...words))
    said.push(
      world.git('-c', 'core.quotePath=true', 'ls-tree', '-r', 'main', '--', 'old', 'src', 'größe'),
      look('ls-tree', '-r', 'main'),
      look('status', '--porcelain', '--untracked-files=all'),
      look('worktree', 'list', '--porcelain'),
      look('for-each-ref', '--format=%(refname)', 'refs/heads'),
      look('log', '-1', '--no-show-signature', '--no-color', '--format=%an%n%B', 'main'),
    )
    return said
  } finally {
    world.cleanup()
  }
}

test('a walk is the same with settings that concern people', { timeout: 120_000 }, async () => {
  const usual = await walk('rebase', () => {})
  expect(usual.find(text => text.startsWith('merge --strategy'))).toContain(': 0\n')
  expect(await walk('rebase', set)).toEqual(usual)
})
