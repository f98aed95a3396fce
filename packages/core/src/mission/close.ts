/** The end of a mission that is not its merge: close it, and with `--discard` give up its lanes without losing a commit. */
import type { MissionClose } from '@spec-kitty/contracts/cli/mission-summary'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Sha } from '@spec-kitty/contracts/ids'
import { isTerminal } from '@spec-kitty/contracts/lanes'
import { sh } from '@spec-kitty/contracts/sh'
import { readDocuments } from '../next/facts.ts'
import { readLanes } from '../repo/lanes/manifest.ts'
import { laneBranch, laneWorktree, PLANNING_LANE } from '../repo/lanes/names.ts'
import type { StatusFacts } from '../repo/log/emit.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { editMeta } from '../repo/mission/meta.ts'
import { missionTypeOf } from '../repo/mission/own-types.ts'
import type { Project } from '../repo/project/locate.ts'
import { openOperation } from '../repo/project/open-operation.ts'
import { isMerged, textOf } from '../repo/summary.ts'
import { join } from '../text/paths.ts'
import type { Change, RefUpdate } from '../world/change.ts'
import { occupies, type Ports, type Worktree } from '../world/ports.ts'
import { write } from '../write/write.ts'

export interface CloseInput {
  readonly mission?: string | undefined
  readonly discard?: boolean | undefined
  readonly force?: boolean | undefined
  readonly autoCommit?: boolean | undefined
}

/**
 * Marks a mission as closed. An unfinished one only with `discard` and `force`: its branches then live on under
 * `refs/kitty/backup/`, and worktrees with uncommitted work stay. Throws `not_ready`.
 */
export async function closeMission(ports: Ports, input: CloseInput): Promise<MissionClose> {
  return write(ports, input, async ({ project, mission, status }) => {
    const discard = input.discard === true
    const closed = textOf(mission.meta.closed_at)
    if (!discard && closed !== null) return { answer: describe(mission, closed, false, NOTHING) }
    if (discard) requireForce(mission, input.force)
    else requireFinished(await status(), await isWritten(ports, project, mission))
    const leftovers = discard ? await findLeftovers(ports, project, mission) : NOTHING
    // What was left behind by the first time goes; when it ended stays.
    const at = closed ?? ports.clock.now()
    return {
      files: closed === null ? editMeta(ports, mission, { closed_at: at }) : [],
      phase: true,
      message: closed === null ? `Close ${mission.slug}` : undefined,
      afterCommit: planDiscard(project, leftovers),
      answer: describe(mission, at, discard, leftovers),
    }
  })
}

/** A mission without work packages is finished when all documents of its type are written. */
async function isWritten(ports: Ports, project: Project, mission: Mission): Promise<boolean> {
  const steps = (await missionTypeOf(ports, project, mission.type))?.steps
  if (steps === undefined || steps.some(step => step.board === 'tasks')) return false
  return [...readDocuments(ports.files, project, mission, steps).values()].every(
    missing => missing.length === 0,
  )
}

function requireFinished({ mission, reduction }: StatusFacts, written: boolean): void {
  const open = [...reduction.workPackages].filter(([, state]) => !isTerminal(state.lane)).map(([id]) => id)
  const finished = reduction.workPackages.size > 0 ? open.length === 0 : written
  if (isMerged(mission) || finished) return
  throw new KittyError('not_ready', `Mission ${mission.slug} is neither merged nor finished`, {
    hint: sh`To give it up: spec-kitty mission close --mission ${mission.slug} --discard --force (its branches are kept under refs/kitty/backup/)`,
    data: { mission_slug: mission.slug, open_wps: open },
  })
}

function requireForce(mission: Mission, force: boolean | undefined): void {
  if (force === true) return
  throw new KittyError('not_ready', `Giving up ${mission.slug} removes its worktrees and branches`, {
    hint: sh`spec-kitty mission close --mission ${mission.slug} --discard --force`,
    data: { mission_slug: mission.slug },
  })
}

interface Leftovers {
  /** Relative to the primary checkout. */
  readonly clean: readonly string[]
  readonly dirty: readonly string[]
  readonly branches: readonly { readonly name: string; readonly sha: Sha; readonly kept: boolean }[]
}

const NOTHING: Leftovers = { clean: [], dirty: [], branches: [] }

async function findLeftovers(ports: Ports, project: Project, mission: Mission): Promise<Leftovers> {
  const manifest = readLanes(ports, mission)
  const lanes = (manifest?.lanes ?? []).map(lane => lane.lane_id).filter(id => id !== PLANNING_LANE)
  const worktrees = await ports.git.worktrees(project.top)
  const trees = lanes.flatMap(id => {
    const path = laneWorktree(mission, id)
    const tree = worktrees.find(item => item.path === join(project.root, path))
    return tree === undefined ? [] : [{ path, tree }]
  })
  const paths = trees.map(({ path }) => path)
  const busy = await Promise.all(trees.map(({ tree }) => isBusy(ports, tree)))
  const dirty = paths.filter((_, i) => busy[i])
  const names = [
    ...lanes.map(id => laneBranch(mission, id)),
    ...(manifest === undefined ? [] : [manifest.mission_branch]),
  ]
  const refs = await ports.git.refs(
    project.top,
    names.flatMap(name => [`refs/heads/${name}`, `refs/kitty/backup/${name}`]),
  )
  // A branch stays as long as somebody stands on it.
  const occupied = worktrees.filter(
    tree => !paths.some(path => !dirty.includes(path) && tree.path === join(project.root, path)),
  )
  const branches = names.flatMap(name => {
    const sha = refs.get(`refs/heads/${name}`)
    return sha === undefined || occupied.some(tree => occupies(tree, name))
      ? []
      : [{ name, sha, kept: refs.has(backupOf(name, sha)) }]
  })
  return { clean: paths.filter(path => !dirty.includes(path)), dirty, branches }
}

/** Uncommitted work, an operation of git under way, or a submodule that has something of its own; or it is to be kept. Of a folder that is gone only the registration is left. */
async function isBusy(ports: Pick<Ports, 'files' | 'git'>, tree: Worktree): Promise<boolean> {
  if (tree.locked === true) return true
  const kind = ports.files.stat(tree.path)?.kind
  // Without its `.git`, what lies in the folder cannot be told from work; a link, git empties and cannot remove.
  if (tree.prunable || kind === 'link') return kind !== undefined
  if (openOperation(ports.files, tree.path) !== undefined) return true
  const { status, hiddenEdits, holdsModules } = ports.git
  if ((await status(tree.path)).length > 0 || (await hiddenEdits(tree.path)).length > 0) return true
  return await holdsModules(tree.path)
}

/** The ref under which a commit stays reachable. */
function backupOf(name: string, sha: Sha): string {
  return `refs/kitty/backup/${name}/${sha.slice(0, 12)}`
}

function planDiscard(project: Project, { clean, branches }: Leftovers): readonly Change[] {
  const updates: RefUpdate[] = branches.flatMap(({ name, sha, kept }) => [
    ...(kept ? [] : [{ ref: backupOf(name, sha), old: null, new: sha }]),
    { ref: `refs/heads/${name}`, old: sha, new: null },
  ])
  return [
    ...clean.map(
      (path): Change => ({
        kind: 'remove_worktree',
        repo: project.top,
        path: join(project.root, path),
      }),
    ),
    ...(updates.length === 0
      ? []
      : [
          {
            kind: 'update_refs',
            repo: project.top,
            message: 'spec-kitty mission close',
            updates,
          } as const,
        ]),
  ]
}

function describe(mission: Mission, at: string, discarded: boolean, left: Leftovers): MissionClose {
  return {
    result: 'success',
    mission_slug: mission.slug,
    closed_at: at,
    discarded,
    removed_worktrees: [...left.clean],
    kept_worktrees: [...left.dirty],
    removed_branches: Object.fromEntries(left.branches.map(({ name, sha }) => [name, backupOf(name, sha)])),
  }
}
