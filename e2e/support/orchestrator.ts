/** The published Python orchestrator in an environment of its own, kept between runs. */
import { execFileSync } from 'node:child_process'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createNestedEnv, EnvironmentLimitation, installPackages } from './nested-env.ts'

/** The newest that is published. */
export const ORCHESTRATOR = 'spec-kitty-orchestrator==0.1.2'

/** Its Python, and why there is none. */
export interface Orchestrator {
  readonly python: string | undefined
  readonly reason: string
}

/** SK_ORCH_PYTHON names a Python that has it; else it is installed from PyPI, once on a machine. */
export function findOrchestrator(): Orchestrator {
  const named = process.env.SK_ORCH_PYTHON
  const cached = join(tmpdir(), `spec-kitty-e2e-${userInfo().uid}-${ORCHESTRATOR.replace('==', '-')}`)
  for (const python of [named, join(cached, 'bin', 'python')]) {
    if (python !== undefined && hasOrchestrator(python)) return { python, reason: '' }
  }
  if (named !== undefined) return { python: undefined, reason: `SK_ORCH_PYTHON: no orchestrator in ${named}` }
  try {
    return { python: install(cached), reason: '' }
  } catch (error) {
    if (!(error instanceof EnvironmentLimitation)) throw error
    return { python: undefined, reason: error.message }
  }
}

/** A half-made environment is never taken for a whole one: the package decides. */
function install(directory: string): string {
  const nested = createNestedEnv(directory)
  installPackages(nested, [ORCHESTRATOR])
  return nested.python
}

function hasOrchestrator(python: string): boolean {
  try {
    execFileSync(python, ['-c', 'import spec_kitty_orchestrator.cli.main'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
