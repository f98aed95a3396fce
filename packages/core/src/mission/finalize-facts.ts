/** What finalize-tasks looks at before it decides. Reads only. */

import { isUnreadable, KittyError, unlessRefused } from '@spec-kitty/contracts/errors'
import type { LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import { isObject, parseJson } from '@spec-kitty/contracts/json'
import { joined, part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { readLanes } from '../repo/lanes/manifest.ts'
import { matchesAnything } from '../repo/lanes/matches.ts'
import { laneBranch, PLANNING_LANE } from '../repo/lanes/names.ts'
import type { StatusFacts } from '../repo/log/emit.ts'
import { readSnapshotText } from '../repo/log/snapshot.ts'
import { isActive, listMissions, type Mission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { isQuick } from '../repo/mission/types.ts'
import { goodCopy } from '../repo/project/good-copy.ts'
import type { Project } from '../repo/project/locate.ts'
import { putBack } from '../repo/project/put-back.ts'
import { fileBack } from '../repo/tasks/without-file.ts'
import { listWpFiles, readWorkPackages, type WorkPackage } from '../repo/tasks/work-package.ts'
import { join } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import type { Scene } from '../write/write.ts'

export interface FinalizeFacts {
  readonly status: StatusFacts
  readonly packages: readonly WorkPackage[]
  /** Ids of all files, the unreadable ones included. */
  readonly ids: readonly string[]
  readonly unreadable: readonly KittyError[]
  readonly tasksText: string
  readonly spec: string
  /** Undefined in a mission without one. */
  readonly plan: string | undefined
  /** What an earlier run computed; undefined when there is none or it cannot be read. */
  readonly lanes: LanesJson | undefined
  /** Why an existing lanes.json cannot be read: it will be computed anew. */
  readonly lanesProblem: string | undefined
  /** Ids of the lanes of this mission that have a branch, here or at a remote. */
  readonly branched: readonly string[]
  readonly matrixExists: boolean
  /** Lanes of other missions that are still being worked on. */
  readonly others: readonly { readonly slug: string; readonly scope: readonly string[] }[]
  readonly exists: (path: string) => boolean
  readonly matches: (pattern: string) => boolean
}

/**
 * Throws `mission_incomplete` for a file that must be there, `coordination_mission`, `log_corrupt`.
 */
export async function readFinalizeFacts(
  ports: Ports,
  { project, mission, status }: Scene,
): Promise<FinalizeFacts> {
  const { files } = ports
  const paths = missionPaths(mission)
  // Where packages were planned, the files were there, and git has them; a quick mission never had any but its package.
  const planned = [...(await status()).reduction.workPackages.keys()]
  const ids = listWpFiles(ports, mission).map(file => file.id)
  const back = planned.length === 0 || isQuick(mission) ? undefined : filesBack(ports, mission, planned, ids)
  const spec = requireFile(ports, mission, 'spec.md', back)
  const tasksText = requireFile(ports, mission, 'tasks.md', back)
  const { found, unread } = await readWorkPackages(ports, mission)
  if (ids.length === 0) {
    throw missing(
      mission,
      'tasks/WP*.md',
      back ?? sh`Write ${mission.rel}/tasks/WP01-….md; ${mission.rel}/tasks/README.md shows its form`,
    )
  }
  return {
    status: await status(),
    packages: found,
    ids,
    unreadable: await withGoodCopies(
      ports,
      project,
      unread.map(({ error }) => error),
    ),
    tasksText,
    spec,
    plan: files.text(paths.plan),
    ...lanesBefore(ports, mission),
    branched: await lanesWithBranch(ports, project, mission),
    matrixExists: files.stat(paths.matrix) !== undefined,
    others: readOthers(ports, project, mission),
    exists: path => files.stat(join(project.root, path)) !== undefined,
    matches: pattern => matchesAnything(files, project.root, pattern),
  }
}

/** What brings all files back that a mission had and has no more: one line, whichever of them is missed first. */
function filesBack(
  { files }: Pick<Ports, 'files'>,
  mission: Mission,
  planned: readonly string[],
  ids: readonly string[],
): Remedy {
  const documents = ['spec.md', 'tasks.md'].filter(name => files.stat(join(mission.dir, name)) === undefined)
  const packages = planned.filter(id => !ids.includes(id))
  const steps = [
    ...documents.map(name => putBack(`${mission.rel}/${name}`)),
    ...packages.map(id => fileBack(id, mission)),
  ]
  return sh`Put back what is gone: ${part(joined(steps, ' && '))}`
}

/** All that a commit has whole comes back by one line. */
async function withGoodCopies(
  ports: Pick<Ports, 'git'>,
  project: Project,
  errors: readonly KittyError[],
): Promise<readonly KittyError[]> {
  const restores = errors.flatMap(({ restore }) => restore ?? [])
  const copies = await Promise.all(restores.map(restore => goodCopy(ports, project, restore)))
  const commands = copies.filter((copy, i) => copy !== restores[i]?.otherwise)
  if (commands.length === 0) return errors
  const hint = sh`Mend them, or take the last good copies: ${part(joined(commands, ' && '))}`
  return errors.map(error =>
    error.restore === undefined
      ? error
      : new KittyError(error.code, error.message, { hint, data: error.data }),
  )
}

async function lanesWithBranch(
  ports: Pick<Ports, 'git'>,
  project: Project,
  mission: Mission,
): Promise<readonly string[]> {
  const stem = `/${laneBranch(mission, 'lane-')}`
  const refs = await ports.git.refs(project.top, ['refs/heads/', 'refs/remotes/'])
  const ids = [...refs.keys()].flatMap(ref => {
    const cut = ref.lastIndexOf(stem)
    return cut < 0 ? [] : [`lane-${ref.slice(cut + stem.length)}`]
  })
  return [...new Set(ids)].filter(id => /^lane-[a-z]+$/.test(id) && id !== PLANNING_LANE)
}

/** This command is the remedy for a lanes.json that cannot be read, so it must not stop at one. */
function lanesBefore(
  ports: Pick<Ports, 'files'>,
  mission: Mission,
): Pick<FinalizeFacts, 'lanes' | 'lanesProblem'> {
  try {
    return { lanes: readLanes(ports, mission), lanesProblem: undefined }
  } catch (error) {
    if (!isUnreadable(error)) throw error
    return { lanes: undefined, lanesProblem: error.message }
  }
}

function requireFile(
  ports: Pick<Ports, 'files'>,
  mission: Mission,
  name: 'spec.md' | 'tasks.md',
  back: Remedy | undefined,
): string {
  const path = join(mission.dir, name)
  const text = ports.files.text(path)
  if (text !== undefined) return text
  const writer = name === 'spec.md' ? '/spec-kitty.specify' : '/spec-kitty.tasks'
  const file = `${mission.rel}/${name}`
  throw missing(mission, name, back ?? sh`Write ${file} (${writer} in your agent)`, path)
}

function missing(mission: Mission, name: string, hint: Remedy, path = join(mission.dir, name)): KittyError {
  return new KittyError('mission_incomplete', `${name} not found: ${path}`, {
    hint,
    data: { mission_slug: mission.slug, path },
  })
}

function readOthers(
  ports: Pick<Ports, 'files'>,
  project: Project,
  mission: Mission,
): FinalizeFacts['others'] {
  return listMissions(ports, project)
    .filter(other => other.slug !== mission.slug && isActive(other) && !isFinished(ports, other))
    .flatMap(other => {
      const scope = readScope(ports, other)
      return scope.length === 0 ? [] : [{ slug: other.slug, scope }]
    })
}

/** Another mission's broken lanes.json is that mission's trouble. */
function readScope(ports: Pick<Ports, 'files'>, mission: Mission): readonly string[] {
  return unlessRefused(
    () => readLanes(ports, mission)?.lanes.flatMap(lane => lane.write_scope) ?? [],
    () => [],
  )
}

/** Judged by status.json: exact enough for a warning, and one small file instead of a log. */
function isFinished(ports: Pick<Ports, 'files'>, mission: Mission): boolean {
  const text = readSnapshotText(ports, mission)
  if (text === undefined) return false
  try {
    const snapshot: unknown = parseJson(text)
    const wps =
      isObject(snapshot) && isObject(snapshot.work_packages) ? Object.values(snapshot.work_packages) : []
    return wps.length > 0 && wps.every(wp => isObject(wp) && (wp.lane === 'done' || wp.lane === 'canceled'))
  } catch {
    return false
  }
}
