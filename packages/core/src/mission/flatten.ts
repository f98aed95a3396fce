/**
 * `migrate flatten`: makes a coordination mission of the Python edition flat. Logs and files are
 * united in the checkout, in one commit that has the coordination branch as its second parent, so that merging
 * lanes later brings no old copy back. A killed run can be run again at any point.
 */
import type { MigrateFlatten } from '@spec-kitty/contracts/cli/migrate-flatten'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Sha } from '@spec-kitty/contracts/ids'
import { sh } from '@spec-kitty/contracts/sh'
import { ignoreChanges } from '../repo/lanes/ignore.ts'
import { readLanes } from '../repo/lanes/manifest.ts'
import { missionBranch } from '../repo/lanes/names.ts'
import { coordinationWorktree } from '../repo/log/source.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { type ProjectConfig, readConfig } from '../repo/project/config.ts'
import { gitPath, locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import { basename, isInside, join } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { commits, refuseProtected } from '../write/commit.ts'
import { conduct, type Stage } from '../write/conduct.ts'
import { refuseDuringMerge } from '../write/journal.ts'
import { missionLock } from '../write/locks.ts'
import { type Copies, coordinationOf, sameBytes, type United, uniteFiles } from './flatten-files.ts'
import { liftSparse } from './sparse.ts'

interface Plan {
  readonly changes: readonly Change[]
  readonly result: MigrateFlatten
}

const NOT_SPARSE = { lifted: [], warnings: [] }

export interface FlattenInput {
  readonly mission?: string | undefined
  readonly autoCommit?: boolean | undefined
  readonly dryRun?: boolean | undefined
}

interface FlattenFacts {
  readonly project: Project
  readonly mission: Mission
  readonly branch: string
  /** Checked-out branch and its commit. */
  readonly head: { readonly branch: string; readonly sha: Sha }
  readonly tip: Sha | null
  /** Paths on the coordination branch outside kitty-specs/: code that was merged already. */
  readonly code: readonly string[]
  readonly copies: readonly Copies[]
  /** As the last commit has them; undefined where it has not. */
  readonly committed: ReadonlyMap<string, Uint8Array | undefined>
  /** Uncommitted files of the mission, relative to its directory. */
  readonly unsaved: readonly string[]
  readonly worktree: { readonly path: string; readonly clean: boolean } | undefined
}

/** Throws `protected_branch`, `not_ready` (detached HEAD) or `log_corrupt`; nothing is lost in any case. */
export async function flatten(ports: Ports, input: FlattenInput): Promise<MigrateFlatten> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const { slug } = resolveMission(ports, project, input.mission)
  const config = await readConfig(ports, project)
  await refuseProtected(ports, project, config, input.autoCommit)
  return await conduct(ports, [missionLock(project, slug)], async stage => {
    refuseDuringMerge(stage, project, slug)
    const mission = resolveMission(stage, project, slug)
    const { changes, result } = await planAll(stage, project, mission, config, input)
    await stage.perform(changes)
    const sparse = input.dryRun === true ? NOT_SPARSE : await liftSparse(stage, project, mission)
    const warnings = [...result.warnings, ...sparse.warnings]
    return { ...result, sparse_lifted: sparse.lifted, warnings }
  })
}

async function planAll(
  ports: Stage,
  project: Project,
  mission: Mission,
  config: ProjectConfig,
  input: FlattenInput,
): Promise<Plan> {
  const branch = mission.coordination ?? (await committedCoordination(ports, project, mission))
  if (branch === null) return await leftovers(ports, project, mission)
  const worktree = await saveWorktree(ports, project, mission)
  const facts = await flattenFacts(ports, project, mission, branch, worktree)
  return await planFlatten(ports, facts, config, input)
}

/** A run that was killed between meta.json and the commit: the last commit still names the branch. */
async function committedCoordination(
  ports: Ports,
  project: Project,
  mission: Mission,
): Promise<string | null> {
  const [meta] = await ports.git.blobs(project.top, [`HEAD:${mission.rel}/meta.json`])
  return coordinationOf(meta)
}

/** What a run that was killed after its commit left undone; nothing for a mission that was always flat. */
async function leftovers(ports: Stage, project: Project, mission: Mission): Promise<Plan> {
  const branch = readLanes(ports, mission)?.mission_branch ?? missionBranch(mission)
  const [tip, from, second] = await ports.git.resolve(project.top, [
    `refs/heads/${branch}`,
    'HEAD^1',
    'HEAD^2',
  ])
  const to = ports.git.head(project.top).sha
  const changes: Change[] = []
  if (tip != null && tip === second && from != null && to !== null) {
    changes.push({ kind: 'move_checkout', checkout: project.top, from, to })
  }
  const worktree = await saveWorktree(ports, project, mission)
  if (worktree?.clean === true)
    changes.push({ kind: 'remove_worktree', repo: project.top, path: worktree.path })
  const result = {
    ...answer(mission, null),
    worktree_removed: worktree?.clean === true,
    warnings: keptWarning(worktree),
  }
  return { changes, result }
}

/** Commits what the coordination worktree has uncommitted of the mission; other dirt keeps the worktree alive. */
async function saveWorktree(
  ports: Stage,
  project: Project,
  mission: Mission,
): Promise<FlattenFacts['worktree']> {
  const path = coordinationWorktree(project, mission)
  if (ports.files.stat(join(path, '.git')) === undefined) return undefined
  const entries = await ports.git.status(path)
  const own = entries.filter(entry => isInside(gitPath(project, 'kitty-specs'), entry.path))
  if (own.length > 0) {
    const paths = own.flatMap(entry => [entry.path, ...(entry.from === undefined ? [] : [entry.from])])
    const message = `Record the last state of ${mission.slug} before it becomes flat`
    await ports.perform([
      { kind: 'commit', checkout: path, paths: paths.map(name => join(path, name)), message },
    ])
  }
  return { path, clean: own.length === entries.length }
}

async function flattenFacts(
  ports: Ports,
  project: Project,
  mission: Mission,
  branch: string,
  worktree: FlattenFacts['worktree'],
): Promise<FlattenFacts> {
  const { git, files } = ports
  const head = git.head(project.top)
  if (head.branch === null || head.sha === null) {
    throw new KittyError(
      'not_ready',
      `${project.top} is on no branch: there is nowhere to record the flat mission`,
      {
        hint: sh`git switch ${mission.homeBranch}`,
      },
    )
  }
  const [tip] = await git.resolve(project.top, [`refs/heads/${branch}`])
  const changed = tip == null ? [] : await changedSince(ports, project, head.sha, tip)
  // The Python edition may add the mid8 to the folder on the branch.
  const folder = basename(worktree?.path ?? coordinationWorktree(project, mission)).replace(/-coord$/, '')
  const homes = [...new Set([`${mission.rel}/`, `${gitPath(project, 'kitty-specs')}/${folder}/`])]
  const theirs = new Map<string, string>()
  for (const path of changed) {
    const home = homes.find(prefix => path.startsWith(prefix))
    if (home !== undefined) theirs.set(path.slice(home.length), path)
  }
  const unsaved = (await git.status(project.top, [mission.rel])).map(entry =>
    entry.path.slice(mission.rel.length + 1),
  )
  const names = [...new Set([...theirs.keys(), 'status.events.jsonl', 'meta.json'])]
  const blobs = await git.blobs(project.top, [
    ...names.map(name => `HEAD:${mission.rel}/${name}`),
    ...[...theirs.values()].map(path => `${tip ?? ''}:${path}`),
  ])
  const coordinated = new Map([...theirs.keys()].map((name, i) => [name, blobs[names.length + i]]))
  return {
    project,
    mission,
    branch,
    head: { branch: head.branch, sha: head.sha },
    tip: tip ?? null,
    code: changed.filter(path => !isInside(gitPath(project, 'kitty-specs'), path)),
    copies: names.map(path => ({
      path,
      own: files.bytes(join(mission.dir, path)),
      theirs: coordinated.get(path),
    })),
    committed: new Map(names.map((path, i) => [path, blobs[i]])),
    unsaved,
    worktree,
  }
}

async function changedSince(ports: Ports, project: Project, head: Sha, tip: Sha): Promise<readonly string[]> {
  const base = await ports.git.mergeBase(project.top, head, tip)
  if (base === null) return []
  return ports.git.changedPaths(project.top, base, tip)
}

async function planFlatten(
  ports: Ports,
  facts: FlattenFacts,
  config: ProjectConfig,
  input: FlattenInput,
): Promise<Plan> {
  const { project, mission } = facts
  const united = uniteFiles(facts.copies, mission.meta, mission)
  const committing = commits(config, input.autoCommit)
  const backups = backupChanges(facts, united)
  const changes: Change[] = [...ignoreChanges(ports, project), ...backups]
  for (const [path, content] of united.files)
    changes.push({ kind: 'write_file', path: join(mission.dir, path), content })
  if (committing) changes.push(...(await recordChanges(ports, facts, united)))
  const removes = facts.worktree?.clean === true
  if (removes && facts.worktree !== undefined) {
    changes.push({ kind: 'remove_worktree', repo: project.top, path: facts.worktree.path })
  }
  const warnings = [
    ...(facts.tip === null
      ? [`Branch '${facts.branch}' is gone: what the checkout has is all there is.`]
      : []),
    ...(facts.code.length > 0
      ? [`Branch '${facts.branch}' holds merged code already; it comes with the merge of the mission.`]
      : []),
    ...backups.map(change => `Your uncommitted copy was kept: ${change.path}`),
    ...keptWarning(facts.worktree),
  ]
  const result: MigrateFlatten = {
    ...answer(mission, facts.branch),
    events_added: united.eventsAdded,
    files_taken: united.taken.map(path => `${mission.rel}/${path}`),
    worktree_removed: removes,
    committed: committing,
    warnings,
  }
  return { changes, result }
}

type WriteFile = Extract<Change, { kind: 'write_file' }>

/** Uncommitted copies that the branch's replace: no commit has them, so they are put aside. */
function backupChanges(facts: FlattenFacts, united: United): readonly WriteFile[] {
  const { project, mission, copies, committed } = facts
  return copies.flatMap(({ path, own }) => {
    const saved = committed.get(path)
    const isTaken = united.taken.includes(path)
    if (!isTaken || own === undefined || (saved !== undefined && sameBytes(own, saved))) return []
    const place = join(project.root, '.kittify', 'runtime', 'flatten', mission.slug, path)
    return [{ kind: 'write_file', path: place, content: own } as const]
  })
}

/** The commit as an object, then the branch, then the index: files on disk have their content already. */
async function recordChanges(ports: Ports, facts: FlattenFacts, united: United): Promise<readonly Change[]> {
  const { project, mission, head, tip, code } = facts
  const contents = new Map([...united.files].map(([path, content]) => [path, bytesOf(content)]))
  for (const path of facts.unsaved) {
    const bytes = contents.has(path) ? undefined : ports.files.bytes(join(mission.dir, path))
    if (bytes !== undefined) contents.set(path, bytes)
  }
  const objects = ports.git.objects(project.top)
  const edits = [...contents].map(([path, content]) => ({
    path: `${mission.rel}/${path}`,
    blob: objects.write(content, head.sha),
  }))
  const tree = await objects.edit(head.sha, edits)
  objects.close()
  // Code on the branch has not landed here: as a parent it would count as merged and be lost.
  const parents = tip === null || code.length > 0 ? [head.sha] : [head.sha, tip]
  const message = `Flatten mission ${mission.slug}`
  const to = await ports.git.commitTree(project.top, { tree, parents, message, sign: true })
  return [
    {
      kind: 'update_refs',
      repo: project.top,
      message,
      updates: [{ ref: `refs/heads/${head.branch}`, old: head.sha, new: to }],
    },
    { kind: 'move_checkout', checkout: project.top, from: head.sha, to },
  ]
}

function bytesOf(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content
}

function keptWarning(worktree: FlattenFacts['worktree']): string[] {
  if (worktree === undefined || worktree.clean) return []
  return [`${worktree.path} has uncommitted changes outside kitty-specs/ and was kept.`]
}

function answer(mission: Mission, branch: string | null): MigrateFlatten {
  return {
    result: 'success',
    mission_slug: mission.slug,
    flattened: branch !== null,
    coordination_branch: branch,
    events_added: 0,
    files_taken: [],
    worktree_removed: false,
    sparse_lifted: [],
    committed: false,
    warnings: [],
  }
}
