/** Missions that are ready to land, beside a remote that refuses pushes to main: made once, copied for every test. */
import { execFileSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { createForge, type TestForge } from '@spec-kitty/host/testing/forge'
import { addApprovedMission, commitIn, IGNORED, makeLane } from '@spec-kitty/host/testing/lanes'
import { addMission, advance, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { runCli } from './run-cli.ts'

export const SLUG = MISSION_SLUG
export const BRANCH = `kitty/pr/${SLUG}`
export const HOME = 'feat/demo'
/** A second mission, with a home of its own. */
export const OTHER = 'other-01KQW4DH'
export const OTHER_HOME = 'feat/other'

export type Answer = Record<string, unknown>

export interface Told {
  readonly status: number
  readonly stderr: string
  readonly json: Answer
}

export interface Landings {
  readonly world: World
  readonly forge: TestForge
  /** Runs a command with --json, standing in the repository or in `cwd`. */
  readonly sk: (
    words: readonly string[],
    at?: { cwd?: string; env?: Record<string, string> },
  ) => Promise<Told>
  /** The same, and it succeeds. */
  readonly ok: (...words: string[]) => Promise<Answer>
  /** What a person sees. */
  readonly text: (...words: string[]) => Promise<string>
  readonly land: (...words: string[]) => Promise<Answer>
  readonly board: () => Promise<Answer>
  readonly fetch: () => void
  /** The checkout goes to the target, as the remote has it. */
  readonly toMain: () => void
  /** Branches of the mission that are left here. */
  readonly branches: () => string
}

/** Registers hooks; use the answer inside tests. Both missions are approved, and the checkout is at the first one's home. */
export function useLandings(): Landings {
  const world = createWorld()
  const template = `${world.dir}.template`
  let forge: TestForge
  const reset = () => {
    rmSync(world.dir, { recursive: true, force: true })
    execFileSync('cp', ['-a', template, world.dir])
  }
  beforeAll(() => {
    world.write('README.md', 'one\n')
    world.write('.gitignore', IGNORED)
    world.write('.kittify/config.yaml', 'agents:\n  available:\n  - claude\n')
    world.commit('first')
    world.git('checkout', '-qb', HOME)
    addApprovedMission(world, { targetBranch: 'main' })
    makeLane(world, 'lane-a', { 'src/a/a.txt': 'A\n' })
    makeLane(world, 'lane-b', { 'src/b/b.txt': 'B\n' })
    addOther(world, OTHER, OTHER_HOME, 'main')
    forge = createForge(world)
    cpSync(world.dir, template, { recursive: true, verbatimSymlinks: true })
  })
  beforeEach(reset)
  afterAll(() => {
    rmSync(template, { recursive: true, force: true })
    world.cleanup()
  })
  const sk: Landings['sk'] = async (words, { cwd = '.', env } = {}) => {
    const { status, stdout, stderr } = await runCli({ ports: world.at(cwd, env) }, [...words, '--json'])
    return { status, stderr, json: JSON.parse(stdout) as Answer }
  }
  const ok: Landings['ok'] = async (...words) => {
    const { status, json, stderr } = await sk(words)
    expect(status, `${words.join(' ')}\n${JSON.stringify(json)}\n${stderr}`).toBe(0)
    return json
  }
  return {
    world,
    get forge() {
      return forge
    },
    sk,
    ok,
    text: async (...words) => (await runCli({ ports: world.at('.') }, words)).stdout,
    land: (...words) => ok('merge', '--pr', '--mission', SLUG, ...words),
    board: () => ok('agent', 'tasks', 'status', '--mission', SLUG),
    fetch: () => world.git('fetch', '-q', '--prune', 'origin'),
    toMain: () => {
      world.git('checkout', '-q', 'main')
      world.git('merge', '-q', '--ff-only', 'origin/main')
    },
    branches: () => world.git('branch', '--list', `kitty/*${SLUG}*`),
  }
}

/** Another approved mission with a lane; its home begins at `from`. Ends at home of the first one. */
export function addOther(world: World, slug: string, home: string, from: string): void {
  world.git('checkout', '-qb', home, from)
  addMission(world, {
    slug,
    id: `${slug.slice(-8)}0000000000000000A1`,
    targetBranch: 'main',
    wps: ['WP01'],
  })
  advance(world, 'WP01', 'approved', 300, slug)
  world.commit('other mission')
  world.git('branch', `kitty/mission-${slug}`)
  const lane = `.worktrees/${slug}-lane-a`
  world.git('worktree', 'add', '-q', '-b', `kitty/mission-${slug}-lane-a`, lane)
  commitIn(world, lane, { [`src/${slug}.txt`]: 'O\n' }, 'work')
  world.git('checkout', '-q', HOME)
}
