/** When its dependencies let a work package begin: one rule for next, implement and the orchestrator API (ADR 0028). Pure. */
import type { Lane } from '@spec-kitty/contracts/lanes'
import { listed, type Remedy, sh } from '@spec-kitty/contracts/sh'

export interface OpenDependency {
  readonly id: string
  readonly lane: Lane
}

/**
 * Those that are neither approved nor done, and so keep the work from being begun. A canceled one stays
 * open: its code will never come, so somebody has to say that the work can do without it.
 */
export function openDependencies(
  dependencies: readonly string[],
  laneOf: (wpId: string) => Lane,
): readonly OpenDependency[] {
  return dependencies
    .map(id => ({ id, lane: laneOf(id) }))
    .filter(({ lane }) => lane !== 'approved' && lane !== 'done')
}

/** What to do about dependencies that were canceled; undefined when none was. */
export function canceledRemedy(
  wpId: string,
  missionSlug: string,
  open: readonly OpenDependency[],
): Remedy | undefined {
  const canceled = open.filter(({ lane }) => lane === 'canceled').map(({ id }) => id)
  if (canceled.length === 0) return undefined
  return sh`Take ${listed(canceled)} out of the dependencies of ${wpId} (its file and tasks.md), then: spec-kitty agent mission finalize-tasks --mission ${missionSlug}`
}
