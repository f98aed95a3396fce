/** Lanes with code in them, made with plain git. */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { addMission, advance, MISSION_SLUG, type MissionFixture } from './mission.ts'
import { headOf, type World } from './world.ts'

export const MISSION_BRANCH = `kitty/mission-${MISSION_SLUG}`

/** Path → content; null deletes; `{ run }` is a program. */
export type Files = Readonly<Record<string, string | Uint8Array | null | { readonly run: string }>>

export function laneBranchOf(lane: string): string {
  return `${MISSION_BRANCH}-${lane}`
}

export function lanePathOf(lane: string): string {
  return `.worktrees/${MISSION_SLUG}-${lane}`
}

/** A lane branch with its worktree and one commit holding `files`; from `base` (default: the mission branch). */
export function makeLane(world: World, lane: string, files: Files, base: string = MISSION_BRANCH): string {
  const path = lanePathOf(lane)
  world.git('worktree', 'add', '-q', '-b', laneBranchOf(lane), path, base)
  return commitIn(world, path, files, `work on ${lane}`)
}

/** Writes files in a checkout (absolute, or relative to the top of the world) and commits everything there. */
export function commitIn(world: World, checkout: string, files: Files, message: string): string {
  putFiles(resolve(world.root, checkout), files)
  world.gitAt(checkout, 'add', '-A')
  world.gitAt(checkout, 'commit', '-q', '--allow-empty', '-m', message)
  return headOf(resolve(world.root, checkout))
}

export function putFiles(top: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(top, name)
    if (content === null) {
      rmSync(path, { force: true })
      continue
    }
    mkdirSync(dirname(path), { recursive: true })
    const program = typeof content === 'object' && 'run' in content
    writeFileSync(path, program ? content.run : content)
    if (program) chmodSync(path, 0o755)
  }
}

/** `.gitignore` as init writes it, as far as a merge cares. */
export const IGNORED = '/.worktrees/\n.kittify/runtime/\n.kittify/workspaces/\n'

/**
 * A mission whose packages are all approved, committed, with mission branch; lanes are for the test to make.
 * Default: WP01 in lane-a, WP02 in lane-b, independent of each other.
 */
export function addApprovedMission(world: World, fixture: MissionFixture = {}): void {
  world.write('.gitignore', IGNORED)
  const wps = fixture.wps ?? ['WP01', 'WP02']
  addMission(world, { deps: {}, ...fixture })
  wps.forEach((wp, i) => {
    advance(world, wp, 'approved', 100 + i * 10)
  })
  world.commit('mission')
  world.git('branch', MISSION_BRANCH)
}

/** The same with a lane of code for each of the two packages. */
export function addReadyMission(world: World): void {
  addApprovedMission(world)
  makeLane(world, 'lane-a', { 'src/a/a.txt': 'A\n' })
  makeLane(world, 'lane-b', { 'src/b/b.txt': 'B\n' })
}
