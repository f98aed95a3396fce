/** An approval is of code: what a merge does with commits that came into a lane after it. */
import { addApprovedMission, commitIn, IGNORED, lanePathOf, makeLane } from '@spec-kitty/host/testing/lanes'
import { MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

const A = lanePathOf('lane-a')
const B = lanePathOf('lane-b')

let world: World
/** WP01 in lane-a is approved here and now; WP02 in lane-b was, by an edition that names no commit. */
beforeEach(async () => {
  world = createWorld()
  world.write('.gitignore', IGNORED)
  world.write('shared.txt', '1\n2\n3\n')
  addApprovedMission(world, { tasksMd: '# Tasks\n\n## WP01: one\n\n## WP02: two\n' })
  makeLane(world, 'lane-a', { 'src/wp01/a.txt': 'A\n' })
  makeLane(world, 'lane-b', { 'src/wp02/b.txt': 'B\n' })
  const log = `kitty-specs/${MISSION_SLUG}/status.events.jsonl`
  world.write(
    log,
    world
      .read(log)
      .split('\n')
      .filter(row => !/WP01.*approved|approved.*WP01/.test(row))
      .join('\n'),
  )
  world.commit('in review')
  await run('approve', 'WP01', '--agent', 'rita')
})
afterEach(() => world.cleanup())

async function run(...words: string[]) {
  const answer = await runCli(world, [...words, '--mission', MISSION_SLUG, '--json'])
  expect(answer.status, answer.stdout).toBe(0)
}

interface Preview {
  readonly ready: boolean
  readonly blockers: readonly { readonly code: string; readonly message: string }[]
  readonly warnings: readonly unknown[]
}

async function preview(): Promise<Preview> {
  return (await runCli(world, ['merge', '--dry-run', '--mission', MISSION_SLUG, '--json'])).json as Preview
}

const code = (lane: string, path: string) => commitIn(world, lane, { [path]: 'late\n' }, 'late')
const onMain = (path: string, text: string) => {
  world.write(path, text)
  world.commit('elsewhere')
}

it.each<[string, () => void]>([
  ['nothing', () => undefined],
  [
    'a merge of the target',
    () => {
      onMain('other.txt', 'x\n')
      world.gitAt(A, 'merge', '-q', 'main', '-m', 'Merge main')
    },
  ],
  [
    'a merge of another lane',
    () => world.gitAt(A, 'merge', '-q', `kitty/mission-${MISSION_SLUG}-lane-b`, '-m', 'Merge b'),
  ],
  ['planning files', () => commitIn(world, A, { [`kitty-specs/${MISSION_SLUG}/notes.md`]: 'x\n' }, 'notes')],
  ['code in a lane whose approval names no commit', () => code(B, 'src/wp02/more.txt')],
])('lets %s pass', async (_, act) => {
  act()
  const { blockers, warnings } = await preview()
  expect(blockers.filter(({ code: word }) => word === 'approved_code_changed')).toEqual([])
  expect(JSON.stringify(warnings)).not.toMatch(/approv|by hand/)
})

it.each<[string, () => void]>([
  ['a commit', () => code(A, 'src/wp01/late.txt')],
  [
    'a commit below a merge of the target',
    () => {
      code(A, 'src/wp01/late.txt')
      onMain('other.txt', 'x\n')
      world.gitAt(A, 'merge', '-q', 'main', '-m', 'Merge main')
    },
  ],
  [
    'a merge of a branch that is none of the mission’s',
    () => {
      world.gitAt(A, 'checkout', '-q', '-b', 'side')
      code(A, 'src/wp01/late.txt')
      world.gitAt(A, 'checkout', '-q', `kitty/mission-${MISSION_SLUG}-lane-a`)
      world.gitAt(A, 'merge', '-q', '--no-ff', 'side', '-m', 'Merge side')
    },
  ],
  [
    'an approved commit that was amended',
    () => {
      world.write(`${A}/src/wp01/a.txt`, 'other\n')
      world.gitAt(A, 'commit', '-q', '-a', '--amend', '-m', 'work')
    },
  ],
  [
    'code and planning files in one commit',
    () =>
      commitIn(
        world,
        A,
        { [`kitty-specs/${MISSION_SLUG}/notes.md`]: 'x\n', 'src/wp01/late.txt': 'x\n' },
        'both',
      ),
  ],
])('blocks %s, or only notes it', async (_, act) => {
  act()
  const { ready, blockers } = await preview()
  expect(ready).toBe(false)
  expect(blockers.map(({ code: word }) => word)).toContain('approved_code_changed')
  world.write('.kittify/config.yaml', 'review:\n  stale_approvals: warn\n')
  world.commit('warn')
  const noted = await preview()
  expect(noted.blockers.map(({ code: word }) => word)).not.toContain('approved_code_changed')
  expect(JSON.stringify(noted.warnings)).toMatch(/lane-a has commits that came after its approval/)
})

it('names a resolution that was made by hand in a merge', async () => {
  commitIn(world, A, { 'shared.txt': '1\nA\n3\n' }, 'shared')
  await approveAgain()
  onMain('shared.txt', '1\nmain\n3\n')
  expect(() => world.gitAt(A, 'merge', '-q', 'main')).toThrow()
  world.write(`${A}/shared.txt`, '1\nboth\n3\n')
  world.gitAt(A, 'commit', '-qam', 'Merge main by hand')
  const { blockers, warnings } = await preview()
  expect(blockers.filter(({ code: word }) => word === 'approved_code_changed')).toEqual([])
  expect(JSON.stringify(warnings)).toContain(world.gitAt(A, 'rev-parse', '--short=7', 'HEAD'))
})

/** The remedy that the blocker has: another look, and another approval. */
async function approveAgain(): Promise<void> {
  await run('agent', 'tasks', 'move-task', 'WP01', '--to', 'for_review', '--note', 'its code changed')
  await run('agent', 'action', 'review', 'WP01', '--agent', 'otto')
  await run('approve', 'WP01', '--agent', 'otto')
  expect((await preview()).blockers.map(({ code: word }) => word)).not.toContain('approved_code_changed')
}

it('is content once the code was looked at again', async () => {
  code(A, 'src/wp01/late.txt')
  await approveAgain()
})
