/** The built program, ended by SIGKILL at a step (killer.cjs) or left to run, on copies of one repository. */
import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createWorld, type World } from '@spec-kitty/host/testing/world'

const ROOT = join(import.meta.dirname, '../../../..')
const KILLER = join(import.meta.dirname, 'killer.cjs')

export interface Killable {
  readonly world: World
  readonly program: string
  /** The repository as it was at first. */
  readonly restore: () => void
  readonly run: (words: readonly string[], env?: Record<string, string>) => SpawnSyncReturns<string>
  readonly cleanup: () => void
}

/** `fill` makes the repository; `words` are the command that is to be killed. */
export function createKillable(fill: (world: World) => void, words: readonly string[]): Killable {
  // `npm test` has just built it.
  if (process.env.SPEC_KITTY_BUILT === undefined)
    execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { stdio: 'ignore' })
  const world = createWorld({ env: { NODE_PATH: join(ROOT, 'node_modules') } })
  // A copy: somebody may build again while this runs.
  const program = join(`${world.dir}.program`, 'cli.cjs')
  cpSync(join(ROOT, 'packages/cli/dist'), dirname(program), { recursive: true })
  fill(world)
  const template = `${world.dir}.template`
  cpSync(world.dir, template, { recursive: true, verbatimSymlinks: true })
  const start = (args: readonly string[], env: Record<string, string> = {}) =>
    spawnSync(process.execPath, args, { cwd: world.root, env: { ...world.env, ...env }, encoding: 'utf8' })
  // Only a plain run keeps the compiled form of the program; all others are twice as fast with it.
  start([program, ...words])
  return {
    world,
    program,
    restore: () => {
      rmSync(world.dir, { recursive: true, force: true })
      execFileSync('cp', ['-a', template, world.dir])
    },
    run: (more, env) => start(['--require', KILLER, program, ...more], env),
    cleanup: () => {
      rmSync(dirname(program), { recursive: true, force: true })
      rmSync(template, { recursive: true, force: true })
      world.cleanup()
    },
  }
}
