/** `verify` in the checkouts that build servers make. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { Verify } from '@spec-kitty/contracts/cli/verify'
import { addApprovedMission, commitIn, makeLane } from '@spec-kitty/host/testing/lanes'
import { addMission, addProject, advance, MISSION_ID, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { parse } from 'valibot'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

const OTHER = 'other-feature-01KQW4DG'
const DIR = `kitty-specs/${MISSION_SLUG}`

let world: World
let bare: string
/** main: an open mission that is nobody's business here. feat/demo: a mission with an approved package. */
beforeEach(async () => {
  world = createWorld()
  addProject(world)
  world.write('README.md', 'one\n')
  addMission(world, { slug: OTHER, id: MISSION_ID.replace('DF', 'DG'), number: 7 })
  world.write(`kitty-specs/${OTHER}/plan.md`, '<<<<<<< ours\n')
  world.commit('project')
  bare = join(world.dir, 'origin.git')
  world.git('clone', '-q', '--bare', world.root, bare)
  world.git('remote', 'add', 'origin', bare)
  world.git('checkout', '-qb', 'feat/demo')
  addMission(world, { targetBranch: 'main', meta: { home_branch: 'feat/demo' } })
  advance(world, 'WP01', 'approved', 10)
  await runCli(world, ['agent', 'status', 'materialize', '--mission', MISSION_SLUG])
  world.commit('mission')
  world.git('push', '-q', 'origin', 'main', 'feat/demo')
})
afterEach(() => world.cleanup())

/** A checkout as a job gets it: one reference, so many commits of it, nothing checked out but that commit. */
function job(ref: string, depth: number): string {
  const dir = join(world.dir, 'job')
  world.gitAt(world.dir, 'init', '-q', dir)
  world.gitAt(dir, 'remote', 'add', 'origin', `file://${bare}`)
  world.gitAt(dir, 'fetch', '-q', ...(depth === 0 ? [] : [`--depth=${depth}`]), '--no-tags', 'origin', ref)
  world.gitAt(dir, 'checkout', '-q', '--detach', 'FETCH_HEAD')
  return dir
}

/** What forges make of an open pull request. */
function mergeCommit(branch: string): string {
  world.git('checkout', '-q', '--detach', 'main')
  world.git('merge', '-q', '--no-ff', '-m', 'Merge it into main', branch)
  world.git('push', '-q', 'origin', 'HEAD:refs/pull/1/merge')
  return 'refs/pull/1/merge'
}

async function verify(dir: string, env: Readonly<Record<string, string>> = {}, ...words: string[]) {
  const place = { ports: world.at(dir, env) }
  const { status, json } = await runCli(place, ['verify', '--ci', ...words, '--json'])
  const text = await runCli(place, ['verify', '--ci', ...words])
  const answer = parse(Verify, json)
  expect([text.status, text.stdout]).toEqual([status, `${answer.markdown}\n`])
  expect(status).toBe(answer.ok ? 0 : 1)
  expect(world.gitAt(dir, 'status', '--porcelain')).toBe('')
  return { ...answer, slugs: answer.missions.map(mission => mission.mission_slug) }
}

it('judges what a pull request changes, on its merge commit', async () => {
  const dir = job(mergeCommit('feat/demo'), 2)
  const found = await verify(dir)
  expect(found).toMatchObject({ ok: true, slugs: [MISSION_SLUG], base: world.git('rev-parse', 'main') })
  expect(found.missions).toMatchObject([{ changed: true, board: { by_lane: { planned: 1, approved: 1 } } }])
  expect(found.findings.filter(({ severity }) => severity !== 'info')).toEqual([])
  expect(found.markdown).toContain('| WP01 |')
  expect(found.markdown).toMatch(/✅ Consistent\.$/)
})

it('knows its mission by the branch where the clone has one commit', async () => {
  const dir = job(mergeCommit('feat/demo'), 1)
  // Nothing to compare with: the open missions are judged, also the one that was broken before.
  expect(await verify(dir)).toMatchObject({ ok: false, base: null, slugs: [MISSION_SLUG, OTHER] })
  world.gitAt(dir, 'fetch', '-q', '--depth=1', 'origin', '+main:refs/remotes/origin/main')
  expect(await verify(dir, { GITHUB_BASE_REF: 'main' })).toMatchObject({ ok: true, slugs: [MISSION_SLUG] })
  expect(await verify(dir, { CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main' })).toMatchObject({ ok: true })
})

it('has nothing against a branch without a mission, and judges on the target what came last', async () => {
  world.git('checkout', '-qb', 'docs', 'main')
  world.write('README.md', 'two\n')
  world.commit('docs')
  world.git('push', '-q', 'origin', 'docs')
  const dir = job('+refs/heads/*:refs/remotes/origin/*', 0)
  world.gitAt(dir, 'remote', 'set-head', 'origin', 'main')
  world.gitAt(dir, 'checkout', '-q', '--detach', 'origin/docs')
  expect(await verify(dir)).toMatchObject({
    ok: true,
    slugs: [],
    markdown: 'This branch changes no mission.',
  })
  world.git('checkout', '-q', 'main')
  world.git('merge', '-q', '--squash', 'feat/demo')
  world.git('commit', '-qm', 'Demo (#1)')
  world.git('push', '-q', 'origin', 'main')
  world.gitAt(dir, 'fetch', '-q', 'origin')
  world.gitAt(dir, 'checkout', '-q', '--detach', 'origin/main')
  expect(await verify(dir)).toMatchObject({ ok: true, slugs: [MISSION_SLUG] })
  expect(await verify(dir, {}, '--base', 'origin/main~1', '--mission', OTHER)).toMatchObject({
    ok: false,
    missions: [{ mission_slug: OTHER, changed: false }],
  })
})

it('judges a landing as it will be, and a number that somebody else has by now', async () => {
  world.git('checkout', '-q', '--detach', 'main')
  world.git('branch', '-q', '-D', 'feat/demo')
  world.git('checkout', '-qb', 'feat/demo')
  addApprovedMission(world, { targetBranch: 'main', meta: { home_branch: 'feat/demo' } })
  makeLane(world, 'lane-a', { 'src/a/a.txt': 'A\n' })
  makeLane(world, 'lane-b', { 'src/b/b.txt': 'B\n' })
  world.git('fetch', '-q', 'origin')
  const landed = await runCli(world, ['merge', '--pr', '--mission', MISSION_SLUG, '--json'])
  expect(landed.status, landed.stdout).toBe(0)
  const branch = `kitty/pr/${MISSION_SLUG}`
  const dir = job(branch, 1)
  const env = { GITHUB_HEAD_REF: branch }
  const found = await verify(dir, env, '--mission', MISSION_SLUG)
  expect(found).toMatchObject({ ok: true, missions: [{ board: { done_count: 2, mission_number: 8 } }] })
  expect((await verify(dir, env)).slugs).toEqual([MISSION_SLUG, OTHER])
  addMission(world, { slug: 'faster-01KQW4DH', id: MISSION_ID.replace('DF', 'DH'), number: 8 })
  world.commit('faster')
  world.gitAt(dir, 'checkout', '-qb', 'late')
  commitIn(
    world,
    '../job',
    { 'kitty-specs/faster-01KQW4DH/meta.json': world.read('kitty-specs/faster-01KQW4DH/meta.json') },
    'x',
  )
  expect((await verify(dir, {}, '--mission', MISSION_SLUG)).findings).toMatchObject([
    { code: 'number_taken', fix: `spec-kitty merge --pr --mission ${MISSION_SLUG}` },
  ])
})

it.each<[string, () => void, string]>([
  [
    'a torn log',
    () => appendFileSync(join(world.root, `${DIR}/status.events.jsonl`), '{"a":'),
    'log_corrupt',
  ],
  ['no JSON in meta.json', () => world.write(`${DIR}/meta.json`, '{'), 'meta_malformed'],
  ['a snapshot of another log', () => world.write(`${DIR}/status.json`, '{}\n'), 'snapshot_drift'],
  ['an unfinished merge', () => world.write(`${DIR}/plan.md`, 'a\n<<<<<<< HEAD\n'), 'conflict_markers'],
  [
    'a circle',
    () => world.write(`${DIR}/tasks/WP01-demo.md`, '---\nwork_package_id: WP01\ndependencies: [WP02]\n---\n'),
    'dependency_cycle',
  ],
  ['a broken configuration', () => world.write('.kittify/config.yaml', 'agents: [\n'), 'config_malformed'],
])('refuses %s', async (_, spoil, code) => {
  spoil()
  world.commit('spoiled')
  world.git('push', '-q', 'origin', 'feat/demo')
  const found = await verify(job(mergeCommit('feat/demo'), 2))
  expect(found.ok).toBe(false)
  expect(found.findings.map(finding => finding.code)).toContain(code)
  expect(found.markdown).toMatch(/❌ \d+ errors?\.\n\n- \*\*error\*\*: /)
  expect(found.slugs).toEqual([MISSION_SLUG])
})

it('lets no text of the branch become markup, and names a base that is not there', async () => {
  const title = '"<img src=x> @team | ` [a](b)\\e[31m"'
  world.write(`${DIR}/tasks/WP01-demo.md`, `---\nwork_package_id: WP01\ntitle: ${title}\n---\n`)
  world.commit('spoiled')
  const { markdown } = await verify(world.root)
  expect(markdown).toContain('&lt;img src=x&gt; @<!-- -->team \\| \\` \\[a\\](b)'.replace('(b)', '\\(b\\)'))
  const refused = await runCli(world, ['verify', '--base', 'nowhere', '--json'])
  expect(refused).toMatchObject({
    status: 1,
    json: { code: 'invalid_input', error: 'There is no commit nowhere here' },
  })
})
