/** Where a mission's events are: one file for a flat mission, two places for a coordination mission. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { mid8 } from '@spec-kitty/contracts/ids'
import { sh } from '@spec-kitty/contracts/sh'
import { join } from '../../text/paths.ts'
import type { Ports } from '../../world/ports.ts'
import type { Mission } from '../mission/handle.ts'
import { missionPaths } from '../mission/paths.ts'
import { gitPath, type Project } from '../project/locate.ts'
import type { LogText } from './log.ts'
import { unionLogs } from './log-union.ts'

export interface MissionLog {
  /** The file that writers append to. */
  readonly path: string
  readonly text: LogText
  /** False when no log was found anywhere. */
  readonly exists: boolean
}

type Where = Pick<Ports, 'files' | 'git'>

/** The log in the checkout, in pieces where it is long; undefined where there is none. */
export function readLogFile(ports: Pick<Ports, 'files'>, path: string): LogText | undefined {
  return ports.files.pieces(path) ?? ports.files.text(path)
}

/**
 * The whole log of a mission. For a flat mission: the file, no git process. For a coordination mission: the
 * coordination worktree's copy if there is one, else the branch's, united with the file of the checkout.
 * Throws `log_corrupt` where two logs must be united and one cannot be read.
 */
export async function readMissionLog(ports: Where, project: Project, mission: Mission): Promise<MissionLog> {
  const path = missionPaths(mission).log
  const other = mission.coordination === null ? undefined : await coordinationLog(ports, project, mission)
  if (other !== undefined)
    return { path, text: unionLogs([ports.files.text(path) ?? '', other]).text, exists: true }
  const own = readLogFile(ports, path)
  return { path, text: own ?? '', exists: own !== undefined }
}

/**
 * The coordination worktree of a mission of the Python edition, whether or not it is there
 * (docs/lanes.md): the slug with its mid8, and `-coord`.
 */
export function coordinationWorktree(
  project: Pick<Project, 'root'>,
  mission: Pick<Mission, 'slug' | 'id'>,
): string {
  return join(project.root, '.worktrees', `${slugWithMid8(mission)}-coord`)
}

/** Refuses to write to a coordination mission: its log would be split. Throws `coordination_mission`. */
export function refuseCoordination(mission: Pick<Mission, 'slug' | 'coordination'>): void {
  if (mission.coordination === null) return
  throw new KittyError(
    'coordination_mission',
    `Mission ${mission.slug} keeps its state on branch ${mission.coordination}; this edition only reads such missions`,
    {
      hint: sh`spec-kitty migrate flatten --mission ${mission.slug}`,
      data: { mission_slug: mission.slug, coordination_branch: mission.coordination },
    },
  )
}

async function coordinationLog(
  ports: Where,
  project: Project,
  mission: Mission,
): Promise<string | undefined> {
  const folders = [...new Set([mission.slug, slugWithMid8(mission)])]
  const names = folders.map(folder => gitPath(project, `kitty-specs/${folder}/status.events.jsonl`))
  const worktree = coordinationWorktree(project, mission)
  for (const name of names) {
    const text = ports.files.text(join(worktree, name))
    if (text !== undefined) return text
  }
  const branch = mission.coordination ?? ''
  const blobs = await ports.git.blobs(
    project.top,
    names.map(name => `refs/heads/${branch}:${name}`),
  )
  const found = blobs.find(blob => blob !== undefined)
  return found === undefined ? undefined : new TextDecoder().decode(found)
}

function slugWithMid8({ slug, id }: Pick<Mission, 'slug' | 'id'>): string {
  return id === null || slug.endsWith(`-${mid8(id)}`) ? slug : `${slug}-${mid8(id)}`
}
