import { execSync } from 'node:child_process'
import { renameSync, rmSync } from 'node:fs'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { reduceLog } from '../log/reduce.ts'
import { arrivals, laneArrival } from './arrival.ts'
import { findLost, lastStand, WITNESSES } from './lost.ts'
import { addAgain, laneSite, placeLane, siteTrouble, wayBack } from './place.ts'

const BRANCH = 'kitty/mission-demo-lane-a'
let world: World
let path: string
beforeEach(() => {
  world = createWorld()
  world.write('a', '1')
  world.commit()
  path = `${world.root}/.worktrees/it's a lane`
  world.git('worktree', 'add', '-q', '-b', BRANCH, path)
})
afterEach(() => world.cleanup())

const paste = (remedy: string) =>
  execSync(remedy.slice(remedy.search(/(?:git (?!where)|mv )/)), { cwd: world.root, stdio: 'pipe' })
const site = async (at = path) =>
  laneSite(world.ports.files, await world.ports.git.worktrees(world.root), at, BRANCH)
const troubleAt = async (at = path) => siteTrouble(world.ports, await site(at), BRANCH)
const commitIn = (text: string): string => {
  world.write(`${path}/b`, text)
  world.git('-C', path, 'add', 'b')
  world.git('-C', path, 'commit', '-qm', text)
  return world.git('-C', path, 'rev-parse', 'HEAD')
}

describe('the site of a lane', () => {
  test('is fine where the worktree is', async () => {
    expect(await troubleAt()).toBeUndefined()
  })

  test('gets a worktree again where the folder was removed by hand', async () => {
    rmSync(path, { recursive: true })
    const found = await site()
    expect(found).toMatchObject({ worktree: undefined, ghosts: [path] })
    await world.ports.apply(placeLane(world.root, found, BRANCH))
    expect((await site()).worktree?.branch).toBe(BRANCH)
  })

  test('is taken as long as a bisect elsewhere will go back to the branch', async () => {
    const other = `${world.root}/.worktrees/other`
    world.git('-C', path, 'bisect', 'start')
    world.git('-C', path, 'checkout', '-q', '--detach')
    for (let rounds = 0; rounds < 2; rounds++) paste((await troubleAt(other))?.remedy ?? '')
    await world.ports.apply(placeLane(world.root, await site(other), BRANCH))
    expect((await site(other)).worktree?.branch).toBe(BRANCH)
  })

  test('is made again by one command, also from a locked registration, and what that stood on is kept', async () => {
    world.git('-C', path, 'switch', '-q', '--detach')
    const commit = commitIn('only here')
    world.git('worktree', 'lock', path)
    rmSync(`${world.root}/.worktrees`, { recursive: true })
    paste(addAgain(world.root, await site(), BRANCH))
    expect((await site()).worktree?.branch).toBe(BRANCH)
    expect(world.git('worktree', 'list').split('\n')).toHaveLength(2)
    expect(world.git('for-each-ref', '--contains', commit)).toContain('refs/kitty/backup/')
  })

  test('has a remedy when the branch is taken, the folder is in the way, or the lane was moved', async () => {
    const other = `${world.root}/.worktrees/other`
    const taken = await troubleAt(other)
    paste(taken?.remedy ?? '')
    expect(await troubleAt(other)).toBeUndefined()
    world.write('.worktrees/other/mine', 'keep')
    const inTheWay = await troubleAt(other)
    paste(inTheWay?.remedy ?? '')
    expect(await troubleAt(other)).toBeUndefined()
    expect(world.read('.worktrees/other.old/mine')).toBe('keep')
    renameSync(path, other)
    const moved = await troubleAt(other)
    expect(moved?.message).toContain('was moved')
    paste(moved?.remedy ?? '')
    expect((await site(other)).worktree?.path).toBe(other)
  })
})

describe('the way back to the branch', () => {
  test.each([
    ['detached, going on from it', ['switch', '-q', '--detach'], true],
    ['detached, and it is not known whether it goes on', ['switch', '-q', '--detach'], false],
    ['on another branch', ['switch', '-q', '-c', 'else$(where)'], false],
  ])('keeps the commits of a worktree that is %s', (_, words, ahead) => {
    world.git('-C', path, ...words)
    const head = commitIn('work')
    const on = world.ports.git.head(path).branch
    paste(wayBack(world.ports.git, { path, branch: BRANCH, on, head: world.ports.git.head(path).sha, ahead }))
    expect(world.ports.git.head(path).branch).toBe(BRANCH)
    expect(world.git('branch', '--contains', head, '--format=%(refname:short)')).toContain(BRANCH)
  })
})

describe('a branch that is gone', () => {
  const missing = async (recorded?: string) => ({
    branch: BRANCH,
    refs: await world.ports.git.refs(world.root, WITNESSES),
    stood: lastStand(world.ports.files, `${world.root}/.git`, path),
    recorded,
  })
  const back = async (recorded?: string) => {
    paste(findLost(await missing(recorded))?.remedy ?? '')
    return world.git('rev-parse', BRANCH)
  }

  test('is had again from what is left of its worktree', async () => {
    const sha = commitIn('work')
    world.git('update-ref', '-d', `refs/heads/${BRANCH}`)
    expect(await back()).toBe(sha)
  })

  test('is had again from a remote before a backup, from a backup before the commit it began at', async () => {
    const began = world.git('rev-parse', 'HEAD')
    const sha = commitIn('work')
    world.git('worktree', 'remove', path)
    const refs = [{ ref: `refs/heads/${BRANCH}`, old: sha, new: null }] as never
    await world.ports.apply([{ kind: 'update_refs', repo: world.root, message: 'test', updates: refs }])
    expect(findLost(await missing(began))).toMatchObject({ whole: true })
    expect(await back(began)).toBe(sha)
    world.git('update-ref', '-d', `refs/heads/${BRANCH}`)
    world.git('update-ref', `refs/remotes/origin/${BRANCH}`, began)
    expect(await back()).toBe(began)
  })

  test('is known by its beginning only where nothing else is left, and that is said', async () => {
    const began = world.git('rev-parse', 'HEAD')
    world.git('worktree', 'remove', path)
    world.git('branch', '-D', BRANCH)
    expect(findLost(await missing(began))).toMatchObject({ whole: false })
    expect(findLost(await missing())).toBeUndefined()
  })
})

describe('arrival', () => {
  const row = (n: number, from: string, to: string, actor = 'claude') =>
    JSON.stringify({
      event_id: `01KQW4DFZZ00000000000000${String(n).padStart(2, '0')}`,
      mission_slug: 'demo',
      wp_id: 'WP01',
      from_lane: from,
      to_lane: to,
      at: `2026-01-01T00:00:${String(n).padStart(2, '0')}.000000+00:00`,
      actor,
      force: false,
      execution_mode: 'worktree',
    })
  const lane = (...rows: string[]) => {
    const log = rows.map(line => `${line}\n`).join('')
    return laneArrival(['WP01'], arrivals(log), reduceLog(log))
  }
  const begun = [
    row(1, 'genesis', 'planned'),
    row(2, 'planned', 'in_progress'),
    row(3, 'in_progress', 'approved'),
  ]
  const merged = [...begun, row(4, 'approved', 'done', 'merge')]

  test('is awaited from the start of the work to its merge, and again from a new start', () => {
    expect(lane(row(1, 'genesis', 'planned'))).toEqual({ awaited: false, landed: false })
    expect(lane(...begun)).toEqual({ awaited: true, landed: false })
    expect(lane(...merged)).toEqual({ awaited: false, landed: true })
    const reopened = [...merged, row(5, 'done', 'planned')]
    expect(lane(...reopened)).toEqual({ awaited: false, landed: true })
    expect(lane(...reopened, row(6, 'planned', 'claimed'))).toEqual({ awaited: true, landed: false })
  })

  test('is not what somebody called done without a merge', () => {
    expect(lane(...begun, row(4, 'approved', 'done'), row(5, 'done', 'planned'))).toMatchObject({
      awaited: true,
    })
  })
})
