/** When its dependencies let a work package begin: one rule for next, implement and the orchestrator API (ADR 0028). Pure. */
import type { Lane } from '@spec-kitty/contracts/lanes'
import { joined, listed, type Remedy, sh } from '@spec-kitty/contracts/sh'

export interface OpenDependency {
  readonly id: string
  readonly lane: Lane
  /** No package is called that: it never becomes approved. */
  readonly unknown: boolean
}

/**
 * Those that are neither approved nor done, and so keep the work from being begun. A canceled one stays
 * open: its code will never come, so somebody has to say that the work can do without it. `known` are the ids of all
 * packages, where it matters which of them there are.
 */
export function openDependencies(
  dependencies: readonly string[],
  laneOf: (wpId: string) => Lane,
  known?: readonly string[],
): readonly OpenDependency[] {
  return dependencies
    .map(id => ({ id, lane: laneOf(id), unknown: known?.includes(id) === false }))
    .filter(({ lane }) => lane !== 'approved' && lane !== 'done')
}

/** `WP01 (planned)`, `Setup (no work package)`. */
export function openWords(open: readonly OpenDependency[]): string {
  return open.map(({ id, lane, unknown }) => `${id} (${unknown ? 'no work package' : lane})`).join(', ')
}

/** What to do about dependencies for which no waiting helps: canceled ones, and such as nobody has; undefined when there are none. */
export function openRemedy(
  wpId: string,
  missionSlug: string,
  open: readonly OpenDependency[],
): Remedy | undefined {
  const canceled = open.filter(({ lane }) => lane === 'canceled').map(({ id }) => id)
  const unknown = open.filter(item => item.unknown).map(({ id }) => id)
  if (canceled.length + unknown.length === 0) return undefined
  const steps = [
    ...(canceled.length === 0
      ? []
      : [sh`Take ${listed(canceled)} out of the dependencies of ${wpId} (its file and tasks.md)`]),
    ...(unknown.length === 0
      ? []
      : [
          sh`Write ids of work packages instead of ${listed(unknown)} into the dependencies of ${wpId} (its file and tasks.md)`,
        ]),
  ]
  return joined([...steps, sh`then: spec-kitty agent mission finalize-tasks --mission ${missionSlug}`], ', ')
}
