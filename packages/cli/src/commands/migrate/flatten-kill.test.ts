/**
 * SIGKILL at every step of `migrate flatten`: before and after each git process and each change of a file. The next run
 * ends exactly as an uninterrupted one. `SPEC_KITTY_FULL=1` kills at every step; otherwise at every fourteenth.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { addCoordinationMission, flattened } from '@spec-kitty/host/testing/coordination'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterAll, beforeAll, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../../../../..')
const KILLER = join(ROOT, 'packages/cli/src/testing/killer.cjs')
const STRIDE = process.env.SPEC_KITTY_FULL === undefined ? 14 : 1

let world: World
let template: string
let program: string
beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { stdio: 'ignore' })
  world = createWorld({ env: { NODE_PATH: join(ROOT, 'node_modules') } })
  // A copy: somebody may build again while this runs.
  program = join(`${world.dir}.program`, 'cli.cjs')
  cpSync(join(ROOT, 'packages/cli/dist'), dirname(program), { recursive: true })
  addCoordinationMission(world)
  template = `${world.dir}.template`
  cpSync(world.dir, template, { recursive: true, verbatimSymlinks: true })
})
afterAll(() => {
  rmSync(dirname(program), { recursive: true, force: true })
  rmSync(template, { recursive: true, force: true })
  world.cleanup()
})

function flatten(env: Record<string, string> = {}) {
  const args = ['--require', KILLER, program, 'migrate', 'flatten', '--json']
  return spawnSync(process.execPath, args, {
    cwd: world.root,
    env: { ...world.env, ...env },
    encoding: 'utf8',
  })
}

function restore(): void {
  rmSync(world.dir, { recursive: true, force: true })
  execFileSync('cp', ['-a', template, world.dir])
}

/** Locks and temporary files in the git directory. */
function leftovers(): readonly string[] {
  const temporary = join(world.root, '.git/spec-kitty-tmp')
  return [
    ...readdirSync(join(world.root, '.git')).filter(name => name.endsWith('.lock')),
    ...(existsSync(temporary) ? readdirSync(temporary) : []),
  ]
}

test('killed at any step, the next run ends as an uninterrupted one', { timeout: 600_000 }, () => {
  const count = join(world.dir, 'steps')
  expect(flatten({ KILL_COUNT: count }).status).toBe(0)
  const steps = Number(readFileSync(count, 'utf8'))
  const expected = flattened(world)
  expect(steps).toBeGreaterThan(30)
  for (let n = 1; n <= steps; n += STRIDE) {
    restore()
    expect(flatten({ KILL_AT: String(n) }).signal).toBe('SIGKILL')
    const again = flatten()
    expect(again.status, `step ${n} of ${steps}: ${again.stdout}`).toBe(0)
    expect(flattened(world), `step ${n} of ${steps}`).toEqual(expected)
    expect(leftovers(), `step ${n} of ${steps}`).toEqual([])
  }
})
