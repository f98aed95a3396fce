/** What a direct merge leaves in the history, and what is said where the remote does not take it. */
import { join } from 'node:path'
import {
  addReadyMission,
  commitIn,
  lanePathOf,
  MISSION_BRANCH,
  putFiles,
} from '@spec-kitty/host/testing/lanes'
import { MISSION_SLUG as SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CliResult, runCli } from '../testing/run-cli.ts'

let world: World
beforeEach(() => {
  world = createWorld()
  addReadyMission(world)
})
afterEach(() => world.cleanup())

const run = (...words: string[]): Promise<CliResult> => runCli(world, ['merge', ...words])

describe('the commit that lands', () => {
  const body = `Demo feature
tldr

- WP01 Title WP01
- WP02 Title WP02

Mission: ${SLUG}
Co-authored-by: Ann <ann@example.com>`

  test.each([
    [[], `feat(${MISSION_BRANCH}): squash merge of mission\n\n${body}`],
    [['--message', 'Pay by card'], `Pay by card\n\n${body}`],
    [['--message', 'Demo feature\n\nIn short.'], `Demo feature\n\nIn short.\n\n${body}`],
  ])('tells title, packages, mission and authors (%j)', async (words, expected) => {
    world.gitAt(lanePathOf('lane-b'), 'config', 'user.name', 'Ann')
    commitIn(world, lanePathOf('lane-b'), { 'src/b/more.txt': 'more\n' }, 'by Ann')
    world.gitAt(
      lanePathOf('lane-b'),
      'commit',
      '-q',
      '--amend',
      '--no-edit',
      '--author',
      'Ann <ann@example.com>',
    )
    const { status, stderr } = await run('--json', ...words)
    expect([status, stderr]).toEqual([0, ''])
    expect(world.git('log', '-1', '--format=%B', 'main')).toBe(expected)
    expect(world.git('log', '-1', '--format=%(trailers:key=Mission,valueonly)', 'main')).toBe(SLUG)
  })
})

describe('a remote that does not take it', () => {
  const origin = () => join(world.dir, 'origin.git')
  beforeEach(() => {
    world.gitAt(world.dir, 'clone', '-q', '--bare', world.root, 'origin.git')
    world.git('remote', 'add', 'origin', origin())
    world.git('fetch', '-q', 'origin')
  })
  const refs = () => world.git('for-each-ref', 'refs/heads', 'refs/remotes')

  test('is quoted, in text and JSON; the branch and both ways on are named, and work', async () => {
    const words = 'GH006: Protected branch update failed for refs/heads/main.'
    putFiles(origin(), { 'hooks/pre-receive': { run: `#!/bin/sh\necho "${words}" >&2\nexit 1\n` } })
    const before = refs()
    const { status, stderr } = await run('--push')
    expect(status).toBe(1)
    for (const said of [
      words,
      'main has moved to',
      `merge --resume --mission ${SLUG}`,
      `merge --abort --mission ${SLUG}`,
    ])
      expect(stderr.replaceAll(/\s+/g, ' ')).toContain(said)
    expect((await run('--resume', '--json')).json).toMatchObject({
      code: 'push_refused',
      error: expect.stringContaining(words),
      target_branch: 'main',
      resume: `spec-kitty merge --resume --mission ${SLUG}`,
    })
    expect((await run('--abort', '--json')).json).toMatchObject({ aborted: true })
    expect(refs()).toBe(before)
    expect((await run('--push', '--json')).json).toMatchObject({ code: 'push_refused' })
    expect((await run('--resume', '--no-push', '--json')).json).toMatchObject({
      result: 'success',
      pushed: false,
    })
    expect(refs()).toMatch(/^\w+ commit\trefs\/heads\/main\n\w+ commit\trefs\/remotes\/origin\/\S+/)
  })

  test('because somebody pushed meanwhile: that is said, and the way that is printed lands on top', async () => {
    world.gitAt(world.dir, 'clone', '-q', origin(), 'theirs')
    commitIn(world, '../theirs', { 'README.md': 'theirs\n' }, 'theirs')
    world.gitAt('../theirs', 'push', '-q', 'origin', 'HEAD:main')
    world.gitAt(world.dir, 'clone', '-q', '--bare', 'origin.git', 'ahead.git')
    world.gitAt(origin(), 'update-ref', 'refs/heads/main', 'main~1')
    // What is fetched is as it was; the push meets what came since.
    world.git('config', 'remote.origin.pushurl', join(world.dir, 'ahead.git'))
    const { status, json } = await run('--push', '--json')
    expect([status, json]).toMatchObject([
      1,
      { code: 'push_refused', error: expect.stringContaining('somebody else pushed to origin meanwhile') },
    ])
    const hint = String((json as Record<string, unknown>).hint)
    const pull = `git -C ${world.root} pull --ff-only origin main`
    expect(hint).toContain(`spec-kitty merge --abort --mission ${SLUG} && ${pull} && spec-kitty merge --push`)
    world.gitAt(origin(), 'fetch', '-q', '../ahead.git', '+main:main')
    expect((await run('--abort', '--json')).json).toMatchObject({ aborted: true })
    world.git('pull', '-q', '--ff-only', 'origin', 'main')
    expect((await run('--push', '--json')).json).toMatchObject({ result: 'success', pushed: true })
    expect(world.gitAt('../ahead.git', 'log', '--format=%s', '-2', 'main').split('\n')[1]).toBe('theirs')
  })
})
