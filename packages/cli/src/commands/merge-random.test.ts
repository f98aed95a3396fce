/**
 * Random repositories: whatever the outcome of a merge, nothing is lost; a dry run changes nothing and foretells the
 * real run; the result is what `git merge` makes, and a conflict is a blocker, never a side taken.
 *
 * `SPEC_KITTY_FULL=1` tries 200 repositories, otherwise a few.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { addApprovedMission, laneBranchOf, lanePathOf, MISSION_BRANCH } from '@spec-kitty/host/testing/lanes'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

const RUNS = process.env.SPEC_KITTY_FULL === undefined ? 6 : 200

const LINES = Array.from({ length: 12 }, (_, i) => `line ${i}`)
const PATHS = [
  'a.txt',
  'b.txt',
  'dir/c.txt',
  'dir/d.bin',
  'dir/sub/e.txt',
  'crlf.txt',
  'new/f.txt',
  'new',
  'dir/g',
] as const

type Edit =
  | { readonly kind: 'line'; readonly path: string; readonly line: number; readonly text: string }
  | { readonly kind: 'put'; readonly path: string; readonly content: string }
  | { readonly kind: 'delete' | 'program'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }

const path = fc.constantFrom(...PATHS)
const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('line' as const),
      path,
      line: fc.nat(11),
      text: fc.constantFrom('X', 'Y'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      path,
      content: fc.constantFrom('1\n', '2\n', '\u0000\u0001', 'a\r\nb\r\n'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('delete' as const, 'program' as const), path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const), path, to: path }) },
)

const repository = fc.record({
  target: fc.array(edit, { maxLength: 3 }),
  laneA: fc.array(edit, { maxLength: 3 }),
  laneB: fc.array(edit, { maxLength: 3 }),
  /** lane-b starts from lane-a's code. */
  dependent: fc.boolean(),
  dirtyTarget: fc.array(edit, { maxLength: 1 }),
  dirtyLane: fc.array(edit, { maxLength: 1 }),
  strategy: fc.constantFrom('squash', 'merge', 'rebase'),
  calm: fc.boolean(),
})
type Repository = typeof repository extends fc.Arbitrary<infer T> ? T : never

function perform(top: string, edits: readonly Edit[]): void {
  for (const item of edits) {
    const at = join(top, item.path)
    if (item.kind === 'put') put(at, item.content)
    if (!existsSync(at) || !lstatSync(at).isFile()) continue
    if (item.kind === 'line') {
      const lines = readFileSync(at, 'utf8').split('\n')
      lines[item.line] = item.text
      writeFileSync(at, lines.join('\n'))
    }
    if (item.kind === 'delete') rmSync(at)
    if (item.kind === 'program') chmodSync(at, 0o755)
    if (item.kind === 'rename' && !existsSync(join(top, item.to))) {
      mkdirSync(dirname(join(top, item.to)), { recursive: true })
      renameSync(at, join(top, item.to))
    }
  }
}

function put(at: string, content: string): void {
  const parent = dirname(at)
  if (existsSync(parent) && !lstatSync(parent).isDirectory()) rmSync(parent)
  if (existsSync(at) && lstatSync(at).isDirectory()) rmSync(at, { recursive: true })
  mkdirSync(parent, { recursive: true })
  writeFileSync(at, content)
}

function build(world: World, plan: Repository): void {
  for (const name of PATHS.slice(0, 5)) world.write(name, `${LINES.join('\n')}\n`)
  world.write('crlf.txt', `${LINES.join('\r\n')}\r\n`)
  addApprovedMission(world)
  const lane = (id: string, edits: readonly Edit[], base: string) => {
    world.git('worktree', 'add', '-q', '-b', laneBranchOf(id), lanePathOf(id), base)
    perform(join(world.root, lanePathOf(id)), edits)
    world.gitAt(lanePathOf(id), 'add', '-A')
    world.gitAt(lanePathOf(id), 'commit', '-q', '--allow-empty', '-m', `work on ${id}`)
  }
  lane('lane-a', plan.laneA, MISSION_BRANCH)
  lane('lane-b', plan.laneB, plan.dependent ? laneBranchOf('lane-a') : MISSION_BRANCH)
  perform(world.root, plan.target)
  world.commit('on the target')
  if (plan.calm) return
  perform(world.root, plan.dirtyTarget)
  perform(join(world.root, lanePathOf('lane-b')), plan.dirtyLane)
}

/** What `git merge` makes of it: the tree, or undefined for a conflict. */
function oracle(world: World): string | undefined {
  const clone = join(world.dir, 'oracle')
  world.gitAt(world.dir, 'clone', '-q', '--no-local', 'repo', clone)
  const merge = (branch: string) =>
    execFileSync('git', ['merge', '-q', '--no-edit', branch], { cwd: clone, env: world.env, stdio: 'ignore' })
  try {
    world.gitAt(clone, 'checkout', '-q', '--detach', `origin/${MISSION_BRANCH}`)
    for (const id of ['lane-a', 'lane-b']) merge(`origin/${laneBranchOf(id)}`)
    const lanes = world.gitAt(clone, 'rev-parse', 'HEAD')
    world.gitAt(clone, 'checkout', '-q', '--detach', 'origin/main')
    merge(lanes)
    return codeOf(world, clone, 'HEAD')
  } catch {
    return undefined
  }
}

/** The tree without the mission's own files. */
function codeOf(world: World, checkout: string, rev: string): string {
  const lines = world.gitAt(checkout, 'ls-tree', '-r', rev).split('\n')
  return lines.filter(line => !line.includes('\tkitty-specs/')).join('\n')
}

/** Every file of a checkout that is not as committed, with its content. */
function uncommitted(world: World, checkout: string): readonly (readonly [string, string])[] {
  return world
    .gitAt(checkout, 'status', '--porcelain', '-z', '--untracked-files=all', '--no-renames')
    .split('\0')
    .filter(field => field !== '' && !field.startsWith(' D'))
    .map(field =>
      join(
        world.root,
        checkout,
        field.slice(field.startsWith(' ') || field.startsWith('?') ? 3 : 2).trimStart(),
      ),
    )
    .filter(file => existsSync(file))
    .map(file => [file, readFileSync(file, 'latin1')] as const)
}

function fingerprint(world: World): string {
  const hash = createHash('sha1')
  const walk = (top: string): void => {
    for (const entry of readdirSync(top, { withFileTypes: true }).toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const at = join(top, entry.name)
      if (
        at.endsWith('/.git/objects') ||
        at.endsWith('/spec-kitty-locks') ||
        at.endsWith('/spec-kitty-merge')
      )
        continue
      if (entry.isDirectory()) walk(at)
      else
        hash
          .update(`${at}\0${lstatSync(at).mode}\0`)
          .update(readFileSync(at))
          .update('\0')
    }
  }
  walk(world.root)
  return hash.digest('hex')
}

interface Document {
  readonly ready?: boolean
  readonly result?: string
  readonly blockers?: readonly { readonly code: string }[]
}

async function check(plan: Repository): Promise<void> {
  const world = createWorld()
  try {
    build(world, plan)
    const expected = oracle(world)
    const commits = world.git('rev-list', '--branches').split('\n')
    const files = [...uncommitted(world, '.'), ...uncommitted(world, lanePathOf('lane-b'))]
    // `git status` refreshes the index: only what comes after it counts.
    const before = fingerprint(world)

    const dry = (await runCli(world, ['merge', '--dry-run', '--json', '--strategy', plan.strategy]))
      .json as Document
    expect(fingerprint(world)).toBe(before)
    const real = (await runCli(world, ['merge', '--json', '--strategy', plan.strategy])).json as Document

    const codes = (dry.blockers ?? []).map(blocker => blocker.code)
    if (dry.ready) expect(real).toMatchObject({ result: 'success' })
    else {
      expect(real.blockers).toEqual(dry.blockers)
      expect(fingerprint(world)).toBe(before)
    }
    const conflict = codes.some(code => code === 'lane_conflict' || code === 'target_conflict')
    expect(conflict).toBe(expected === undefined)
    if (dry.ready) expect(codeOf(world, '.', 'main')).toBe(expected)

    const kept = new Set(world.git('rev-list', '--all').split('\n'))
    expect(commits.filter(commit => !kept.has(commit))).toEqual([])
    for (const [file, content] of files) expect([file, readFileSync(file, 'latin1')]).toEqual([file, content])
    if (dry.ready)
      expect(uncommitted(world, '.')).toEqual(files.filter(([file]) => !file.includes('.worktrees')))
  } finally {
    world.cleanup()
  }
}

test(`nothing is lost and the dry run tells the truth in ${RUNS} random repositories`, {
  timeout: 1_200_000,
}, async () => {
  await fc.assert(fc.asyncProperty(repository, check), { numRuns: RUNS, seed: 976, endOnFailure: RUNS < 100 })
})
