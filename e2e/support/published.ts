/** Published Python packages in environments of their own, installed from PyPI once on a machine. */
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createNestedEnv, EnvironmentLimitation, installPackages } from './nested-env.ts'

/** The environment's directory, or why there is none. */
export interface Published {
  readonly directory: string | undefined
  readonly reason: string
}

/** Another test file installs for at most this long, in ms; a lock that is older belongs to a run that was ended. */
const PATIENCE_MS = 300_000

/** An environment with exactly these requirements (`name==version`), kept between runs under `name`. */
export function publishedPackages(name: string, requirements: readonly string[]): Published {
  const directory = join(tmpdir(), `spec-kitty-e2e-${userInfo().uid}-${name}`)
  const complete = join(directory, '.complete')
  const turn = `${directory}.lock`
  const end = Date.now() + PATIENCE_MS
  while (!existsSync(complete)) {
    if (!take(turn)) {
      if (Date.now() > end) return { directory: undefined, reason: `${turn} is held by another run` }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250)
      continue
    }
    try {
      if (!existsSync(complete)) install(directory, requirements, complete)
    } catch (error) {
      if (!(error instanceof EnvironmentLimitation)) throw error
      return { directory: undefined, reason: error.message }
    } finally {
      rmSync(turn, { recursive: true, force: true })
    }
  }
  return { directory, reason: '' }
}

function take(turn: string): boolean {
  try {
    mkdirSync(turn)
    return true
  } catch {
    const since = statSync(turn, { throwIfNoEntry: false })?.mtimeMs
    if (since !== undefined && Date.now() - since > PATIENCE_MS)
      rmSync(turn, { recursive: true, force: true })
    return false
  }
}

/** A half-made environment is never taken for a whole one: the mark comes last. */
function install(directory: string, requirements: readonly string[], complete: string): void {
  rmSync(directory, { recursive: true, force: true })
  installPackages(createNestedEnv(directory), [...requirements])
  writeFileSync(complete, requirements.join('\n'))
}
