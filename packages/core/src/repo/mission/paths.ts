/** The files of a mission (docs/formats.md). */
import { join } from '../../text/paths.ts'

export interface MissionPaths {
  readonly meta: string
  readonly spec: string
  readonly plan: string
  readonly tasksFile: string
  readonly tasksDir: string
  readonly log: string
  readonly snapshot: string
  readonly lanes: string
  readonly matrix: string
}

/** Absolute paths; a file need not exist. */
export function missionPaths(mission: { readonly dir: string }): MissionPaths {
  const file = (name: string): string => join(mission.dir, name)
  return {
    meta: file('meta.json'),
    spec: file('spec.md'),
    plan: file('plan.md'),
    tasksFile: file('tasks.md'),
    tasksDir: file('tasks'),
    log: file('status.events.jsonl'),
    snapshot: file('status.json'),
    lanes: file('lanes.json'),
    matrix: file('acceptance-matrix.json'),
  }
}
