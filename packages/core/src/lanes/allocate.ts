/**
 * Where a lane's code lives: mission branch, lane branch, worktree, and the approved code of the lanes it
 * depends on (docs/lanes.md). Everything is built as objects first, so a conflict changes nothing.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Sha } from '@spec-kitty/contracts/ids'
import { joined, part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { type Conflict, combine, conflictWords, mergeOptions } from '../repo/lanes/combine.ts'
import { commitAll, type LaneDirt, laneDirt } from '../repo/lanes/dirt.ts'
import { findLost, lastStand, WITNESSES } from '../repo/lanes/lost.ts'
import {
  addAgain,
  type LaneSite,
  laneSite,
  placeLane,
  siteTrouble,
  type Trouble,
  wayBack,
  withStaged,
} from '../repo/lanes/place.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { revision } from '../repo/project/revision.ts'
import { readStop } from '../repo/project/stop.ts'
import { basename, few } from '../text/paths.ts'
import type { Change, RefUpdate } from '../world/change.ts'
import type { Ports, Worktree } from '../world/ports.ts'

export interface Dependency {
  readonly laneId: string
  readonly branch: string
  /** Where its unmerged work began, if any did: then its branch must be there. */
  readonly startedAt: string | undefined
  /** Its code is on the target, so that it needs no branch. */
  readonly landed: boolean
}

export interface LaneRequest {
  /** Top of the checkout. */
  readonly repo: string
  readonly commonDir: string
  readonly mission: Pick<Mission, 'rel'>
  readonly laneId: string
  /** Short branch names. */
  readonly branch: string
  readonly missionBranch: string
  readonly targetBranch: string
  /** Where the mission branch begins: the target, or the home beside it. */
  readonly rootBranch: string
  /** Absolute path of the worktree. */
  readonly path: string
  /** `--base`: where a new lane starts instead of the mission branch. */
  readonly base: string | undefined
  /** In merge order; the planning lane left out, it has no branch. */
  readonly dependencies: readonly Dependency[]
  /** Set when a package of this lane was started before: the last commit known of it. */
  readonly startedAt: string | undefined
  /** Its code is on the target, and nothing was begun since: it begins anew there. */
  readonly landed: boolean
  /** The package is in progress already: its agent may have uncommitted work there. */
  readonly working: boolean
}

export interface LaneFacts extends LaneRequest {
  readonly refs: ReadonlyMap<string, Sha>
  readonly site: LaneSite
  /** Where the lane's worktree stood last, when its branch is gone. */
  readonly stood: Sha | undefined
  /** Why no lane can be worked on there. */
  readonly trouble: Trouble | undefined
  /** How a worktree that is elsewhere comes to its branch. */
  readonly back: Remedy | undefined
  /** A branch where a command of git takes any commit. */
  readonly rev: (branch: string) => string
  /** What is uncommitted in the worktree. */
  readonly dirt: LaneDirt
  /** The commit of `--base`. */
  readonly baseSha: Sha | null
}

export interface LanePlan {
  readonly changes: readonly Change[]
  /** The lane's commit afterwards. */
  readonly tip: Sha
  readonly baseBranch: string
  readonly mergedLanes: readonly string[]
  /** The worktree is made by this plan. */
  readonly created: boolean
  /** The branch too. */
  readonly newBranch: boolean
  /** A merge was committed for it. */
  readonly merged: boolean
  readonly warnings: readonly string[]
}

/** Reads what there is: two git processes, up to two more when the worktree exists, some where it has to be mended. */
export async function laneFacts(
  ports: Pick<Ports, 'git' | 'files'>,
  request: LaneRequest,
): Promise<LaneFacts> {
  const { repo, path, branch } = request
  const [refs, worktrees, base] = await Promise.all([
    ports.git.refs(repo, WITNESSES),
    ports.git.worktrees(repo),
    request.base === undefined ? undefined : ports.git.resolve(repo, [request.base]),
  ])
  const site = await withStaged(ports.git, repo, laneSite(ports.files, worktrees, path, branch))
  const { worktree } = site
  const status = worktree === undefined ? [] : await ports.git.status(path)
  const tip = refs.get(`refs/heads/${branch}`)
  const astray = worktree !== undefined && worktree.branch !== branch
  return {
    ...request,
    refs,
    site,
    stood: tip === undefined ? lastStand(ports.files, request.commonDir, path) : undefined,
    trouble: await siteTrouble(ports, site, branch),
    back: astray ? await wayHome(ports, request, worktree, tip) : undefined,
    rev: name => revision(ports.git, repo, name),
    dirt: laneDirt(ports.files, request.commonDir, path, status),
    baseSha: base?.[0] ?? null,
  }
}

/** What is open there goes on first; commits that were made elsewhere come along. */
async function wayHome(
  ports: Pick<Ports, 'git' | 'files'>,
  { repo, path, branch }: LaneRequest,
  { branch: on, head }: Worktree,
  tip: Sha | undefined,
): Promise<Remedy> {
  const stop = await readStop(ports, path)
  if (stop !== undefined) return stop.goOn
  const ahead = tip !== undefined && head !== null && (await ports.git.isAncestor(repo, tip, head))
  return wayBack(ports.git, { path, branch, on, head, ahead })
}

type LaneGit = Pick<Ports['git'], 'mergeBase' | 'mergeTrees' | 'commitTree' | 'objects'>

/**
 * Plans the lane, with the approved code of its dependencies inside. Throws `not_ready`, `dirty_worktree`,
 * `lane_branch_lost` or `dependency_lane_conflict`; nothing has changed then.
 */
export async function planLane(git: LaneGit, facts: LaneFacts): Promise<LanePlan> {
  refuseUnusable(facts)
  const head = tipOf(facts, facts.branch)
  const start = startOf(facts)
  const warnings = keptStaged(facts)
  const merged: string[] = []
  let tip = head ?? start.sha
  if (head !== undefined && facts.landed)
    tip = await mergeIn(git, facts, tip, start.sha, { laneId: 'the target', branch: start.name })
  for (const dependency of facts.dependencies) {
    const theirs = tipOf(facts, dependency.branch)
    if (theirs === undefined) {
      if (dependency.landed) continue
      if (dependency.startedAt !== undefined) throw lost(facts, dependency, undefined)
      warnings.push(
        `Lane ${dependency.laneId} has no branch ${dependency.branch}; nothing was taken from it.`,
      )
      continue
    }
    const next = await mergeIn(git, facts, tip, theirs, dependency)
    if (next !== tip) merged.push(dependency.laneId)
    tip = next
  }
  if (head !== undefined && tip !== head && facts.dirt.paths.length > 0) throw dirty(facts)
  return {
    changes: laneChanges(facts, start.sha, head, tip),
    tip,
    baseBranch: start.name,
    mergedLanes: merged,
    created: facts.site.worktree === undefined,
    newBranch: head === undefined,
    merged: ![head, start.sha, ...facts.refs.values()].includes(tip),
    warnings,
  }
}

/** The folder is made anew from its branch: what was staged in the one that is gone is put aside, and that is said. */
function keptStaged({ site }: LaneFacts): string[] {
  if (site.worktree !== undefined || site.staged === undefined) return []
  const { path, paths } = site.staged
  const ref = `refs/kitty/backup/${basename(path)}/staged/`
  return [`The folder ${path} was gone; what was staged in it is kept below ${ref}: ${few(paths)}`]
}

function tipOf(facts: LaneFacts, branch: string): Sha | undefined {
  return facts.refs.get(`refs/heads/${branch}`)
}

function startOf(facts: LaneFacts): { readonly name: string; readonly sha: Sha } {
  if (facts.base !== undefined) {
    if (facts.baseSha !== null) return { name: facts.base, sha: facts.baseSha }
    throw new KittyError('invalid_input', `--base ${facts.base} names no commit`, {
      hint: sh`Give a branch, tag or commit id that exists: git branch --list`,
    })
  }
  const target = tipOf(facts, facts.targetBranch)
  if (facts.landed && target !== undefined) return { name: facts.targetBranch, sha: target }
  const mission = tipOf(facts, facts.missionBranch) ?? tipOf(facts, facts.rootBranch)
  if (mission !== undefined) return { name: facts.missionBranch, sha: mission }
  throw new KittyError(
    'not_ready',
    `Target branch '${facts.rootBranch}' does not exist, so no lane can start from it`,
    {
      hint: sh`Make it: git branch ${facts.rootBranch}`,
    },
  )
}

function refuseUnusable(facts: LaneFacts): void {
  const { branch, path } = facts
  const tip = tipOf(facts, branch)
  if (tip === undefined && facts.startedAt !== undefined) throw lost(facts, facts, facts.stood)
  const { trouble } = facts
  if (trouble !== undefined) throw new KittyError('not_ready', trouble.message, { hint: trouble.remedy })
  const { worktree } = facts.site
  if (worktree !== undefined && worktree.branch !== branch) {
    throw new KittyError(
      'not_ready',
      `The lane worktree ${path} is on ${worktree.branch ?? 'no branch'}, not on ${branch}`,
      {
        ...(facts.back === undefined ? {} : { hint: facts.back }),
      },
    )
  }
  if (!facts.working && facts.dirt.paths.length > 0) throw dirty(facts)
}

function dirty({ path, laneId, dirt }: LaneFacts): KittyError {
  const shown = dirt.paths.slice(0, 5).join(', ')
  return new KittyError('dirty_worktree', `The lane worktree ${path} has uncommitted changes: ${shown}`, {
    hint: sh`Commit them there: ${part(commitAll(path, dirt, `Finish ${laneId}`))}`,
    data: { paths: dirt.paths, worktree: path },
  })
}

/** A branch that once existed is never replaced by a fresh one in silence: its commits would be forgotten. */
function lost(
  { refs }: LaneFacts,
  { branch, laneId, startedAt }: Pick<Dependency, 'branch' | 'laneId' | 'startedAt'>,
  stood: Sha | undefined,
): KittyError {
  const found = findLost({ branch, refs, stood, recorded: startedAt })
  const remedy = found?.remedy ?? sh`git fsck --no-reflogs --lost-found`
  const advice = sh` (the last commit known; find later ones with: git fsck --no-reflogs --lost-found)`
  return new KittyError('lane_branch_lost', `Branch '${branch}' of ${laneId} held work and is gone`, {
    hint: found === undefined || found.whole ? remedy : joined([remedy, advice], ''),
    data: { branch, lane_id: laneId, remediation: remedy },
  })
}

async function mergeIn(
  git: LaneGit,
  facts: LaneFacts,
  ours: Sha,
  theirs: Sha,
  dependency: Pick<Dependency, 'laneId' | 'branch'>,
): Promise<Sha> {
  const objects = git.objects(facts.repo)
  try {
    const merge = await combine({ git, objects, repo: facts.repo, mission: facts.mission }, ours, theirs)
    if ('conflict' in merge) throw conflict(facts, dependency, merge.conflict)
    if ('commit' in merge) return merge.commit
    const message = `Merge dependency lane ${dependency.laneId} into ${facts.laneId}`
    return await git.commitTree(facts.repo, {
      tree: merge.tree,
      parents: [ours, theirs],
      message,
      sign: true,
    })
  } finally {
    objects.close()
  }
}

function conflict(
  facts: LaneFacts,
  dependency: Pick<Dependency, 'laneId' | 'branch'>,
  found: Conflict,
): KittyError {
  return new KittyError(
    'dependency_lane_conflict',
    `DEPENDENCY_LANE_MERGE_CONFLICT: ${dependency.laneId} does not merge into ${facts.laneId}: ${conflictWords(found)}`,
    {
      hint: sh`Resolve it by hand, then run implement again: ${part(conflictRemedy(facts, found))}`,
      data: {
        error_code: 'DEPENDENCY_LANE_MERGE_CONFLICT',
        lane_id: facts.laneId,
        dependency_lane: dependency.laneId,
        files: found.files,
      },
    },
  )
}

/** Makes the worktree when there is none yet, and merges there, where the person can resolve. */
function conflictRemedy(facts: LaneFacts, found: Conflict): Remedy {
  const { path, branch } = facts
  const wanted = facts.dependencies
    .map(other => other.branch)
    .filter(name => tipOf(facts, name) !== undefined)
  const start = startOf(facts)
  const merges = joined(
    [...(facts.landed ? [start.name] : []), ...wanted].map(
      name => sh`git merge ${[...mergeOptions(found), facts.rev(name)]}`,
    ),
    ' && ',
  )
  if (facts.site.worktree !== undefined) return sh`cd ${path} && ${part(merges)}`
  const from = tipOf(facts, branch) === undefined ? start.sha : undefined
  return sh`${part(addAgain(facts.repo, facts.site, branch, from))} && cd ${path} && ${part(merges)}`
}

/** Refs first, then files: after a crash between them the next run finds a branch and makes the worktree. */
function laneChanges(facts: LaneFacts, start: Sha, head: Sha | undefined, tip: Sha): readonly Change[] {
  const { repo, path, branch } = facts
  const updates: RefUpdate[] = []
  if (tipOf(facts, facts.missionBranch) === undefined) {
    const root = tipOf(facts, facts.rootBranch) ?? start
    updates.push({ ref: `refs/heads/${facts.missionBranch}`, old: null, new: root })
  }
  if (head !== undefined && head !== tip) updates.push({ ref: `refs/heads/${branch}`, old: head, new: tip })
  const changes: Change[] = []
  if (updates.length > 0) {
    changes.push({ kind: 'update_refs', repo, message: `spec-kitty implement: ${basename(path)}`, updates })
  }
  if (facts.site.worktree === undefined) {
    changes.push(...placeLane(repo, facts.site, branch, head === undefined ? tip : undefined))
  } else if (head !== undefined && head !== tip) {
    changes.push({ kind: 'move_checkout', checkout: path, from: head, to: tip })
  }
  return changes
}
