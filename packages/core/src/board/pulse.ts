/**
 * Signs of life in the worktrees of lanes. Git notes every commit with its time in the worktree's reflog, so that the
 * board need not start a git process for each lane.
 */
import { unlessRefused } from '@spec-kitty/contracts/errors'
import { readLanes } from '../repo/lanes/manifest.ts'
import { laneDirectory, PLANNING_LANE } from '../repo/lanes/names.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { type Project, worktreeGitDir } from '../repo/project/locate.ts'
import type { Ports } from '../world/ports.ts'

export interface Pulse {
  /** The lane's worktree is there. */
  readonly exists: boolean
  /** Milliseconds since the epoch; undefined when unknown. */
  readonly lastCommitMs: number | undefined
}

const NONE: Pulse = { exists: false, lastCommitMs: undefined }

/** Reads lanes.json at the first question and every lane once. */
export function pulseReader(
  ports: Pick<Ports, 'files' | 'note'>,
  project: Project,
  mission: Mission,
): (wpId: string) => Pulse {
  let lanes: ReadonlyMap<string, string> | undefined
  const known = new Map<string, Pulse>()
  return wpId => {
    lanes ??= readAssignment(ports, mission)
    const lane = lanes.get(wpId)
    if (lane === undefined || lane === PLANNING_LANE) return NONE
    const pulse = known.get(lane) ?? readPulse(ports, laneDirectory(project, mission, lane))
    known.set(lane, pulse)
    return pulse
  }
}

function readAssignment(ports: Pick<Ports, 'files' | 'note'>, mission: Mission): ReadonlyMap<string, string> {
  const lanes = unlessRefused(
    () => readLanes(ports, mission)?.lanes,
    error => void ports.note(error.message),
  )
  return new Map((lanes ?? []).flatMap(lane => lane.wp_ids.map(wpId => [wpId, lane.lane_id] as const)))
}

function readPulse(ports: Pick<Ports, 'files'>, directory: string): Pulse {
  const gitDir = worktreeGitDir(ports.files, directory)
  if (gitDir === undefined) return NONE
  const last = ports.files.text(`${gitDir}/logs/HEAD`)?.trimEnd().split('\n').at(-1)
  const seconds = /> (\d+) [+-]\d{4}(?:\t|$)/.exec(last ?? '')?.[1]
  return { exists: true, lastCommitMs: seconds === undefined ? undefined : Number(seconds) * 1000 }
}
