/** The published Python orchestrator. */
import { join } from 'node:path'
import { publishedPackages } from './published.ts'

/** The newest that is published. */
export const ORCHESTRATOR = 'spec-kitty-orchestrator==0.1.2'

/** Its Python, and why there is none. */
export interface Orchestrator {
  readonly python: string | undefined
  readonly reason: string
}

/** SK_ORCH_PYTHON names a Python that has it; else it is installed from PyPI. */
export function findOrchestrator(): Orchestrator {
  const named = process.env.SK_ORCH_PYTHON
  if (named !== undefined) return { python: named, reason: '' }
  const { directory, reason } = publishedPackages('orchestrator-0.1.2', [ORCHESTRATOR])
  return { python: directory === undefined ? undefined : join(directory, 'bin', 'python'), reason }
}
