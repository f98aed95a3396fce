/** What is printed after a merge, pasted in the state it was printed for: a note, a mission that is opened again, its rework. */
import { addReadyMission, commitIn, lanePathOf } from '@spec-kitty/host/testing/lanes'
import { MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { commandIn, documentOf, hintOf, type } from '../support/remedy.ts'

let world: World
beforeEach(() => {
  world = createWorld()
  addReadyMission(world)
})
afterEach(() => world.cleanup())

const MISSION = `--mission ${MISSION_SLUG}`

function ok(script: string): Readonly<Record<string, unknown>> {
  const answer = type(world, script)
  expect(answer.status, `${script}\n${answer.stdout}\n${answer.stderr}`).toBe(0)
  return script.endsWith('--json') ? documentOf(answer) : {}
}

/** Refused with a remedy, which is pasted as it stands. */
function refused(script: string): void {
  const answer = type(world, `${script} --json`)
  expect(answer.status, script).toBe(1)
  ok(String(commandIn(hintOf(documentOf(answer)))))
}

function rework(text: string): void {
  ok(`spec-kitty agent action implement WP01 --agent claude ${MISSION}`)
  expect(world.read(`${lanePathOf('lane-a')}/src/b/b.txt`), 'it begins at what has landed').toBe('B\n')
  commitIn(world, lanePathOf('lane-a'), { 'src/a/a.txt': text }, 'rework')
  ok(`spec-kitty agent tasks mark-status T011 T012 --status done ${MISSION}`)
  ok(`spec-kitty submit WP01 ${MISSION}`)
  ok(`spec-kitty agent action review WP01 --agent codex ${MISSION}`)
  ok(`spec-kitty approve WP01 --agent codex ${MISSION}`)
}

it('on a branch that takes commits', () => {
  ok(`spec-kitty merge ${MISSION}`)
  for (const [reason, text] of [
    ["it's $(touch hostile) wrong", 'A2\n'],
    ['still wrong', 'A3\n'],
  ] as const) {
    world.write('../reason', reason)
    const { next_step: step } = ok(
      `spec-kitty mission reopen ${MISSION_SLUG} --reason "$(cat ../reason)" --json`,
    )
    ok(String(step).replace(/^[^:]*: /, ''))
    expect(world.exists('hostile')).toBe(false)
    rework(text)
    ok(`spec-kitty merge ${MISSION}`)
    expect(world.read('src/a/a.txt')).toBe(text)
    expect(world.git('status', '--porcelain')).toBe('')
  }
  ok(`spec-kitty mission follow-up ${MISSION_SLUG} --pr 42`)
}, 120_000)

it('on a branch that takes none', () => {
  ok(`spec-kitty merge ${MISSION}`)
  world.write('.kittify/config.yaml', `${world.read('.kittify/config.yaml')}protected_branches: [main]\n`)
  const main = world.commit('protect')
  refused(`spec-kitty mission follow-up ${MISSION_SLUG} --pr 42`)
  expect(world.git('status', '--porcelain')).toMatch(/status\.events\.jsonl/)
  world.git('checkout', '-q', '--', '.')
  refused(`spec-kitty mission reopen ${MISSION_SLUG} --reason "it's wrong"`)
  expect(world.git('symbolic-ref', '--short', 'HEAD')).toBe(`reopen-${MISSION_SLUG}`)
  world.write('../why.md', 'Say more.\n')
  ok(`spec-kitty reject WP01 --feedback-file ../why.md --force ${MISSION}`)
  rework('A2\n')
  expect(world.git('rev-parse', 'main')).toBe(main)
}, 120_000)
