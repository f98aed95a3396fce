/**
 * Where a lane's code lives: mission branch, lane branch, worktree, and the approved code of the lanes it
 * depends on (docs/lanes.md). Everything is built as objects first, so a conflict changes nothing.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Sha } from '@spec-kitty/contracts/ids'
import { joined, part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { type Conflict, combine, conflictWords } from '../repo/lanes/combine.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { basename } from '../text/paths.ts'
import type { Change, RefUpdate } from '../world/change.ts'
import type { Ports, Worktree } from '../world/ports.ts'

export interface Dependency {
  readonly laneId: string
  readonly branch: string
  /** Where its unmerged work began, if any did: then its branch must be there. */
  readonly startedAt: string | undefined
}

export interface LaneRequest {
  /** Primary checkout. */
  readonly repo: string
  readonly mission: Pick<Mission, 'rel'>
  readonly laneId: string
  /** Short branch names. */
  readonly branch: string
  readonly missionBranch: string
  readonly targetBranch: string
  /** Absolute path of the worktree. */
  readonly path: string
  /** `--base`: where a new lane starts instead of the mission branch. */
  readonly base: string | undefined
  /** In merge order; the planning lane left out, it has no branch. */
  readonly dependencies: readonly Dependency[]
  /** Set when a package of this lane was started before: the last commit known of it. */
  readonly startedAt: string | undefined
  /** The package is in progress already: its agent may have uncommitted work there. */
  readonly working: boolean
}

export interface LaneFacts extends LaneRequest {
  readonly refs: ReadonlyMap<string, Sha>
  /** The worktree registered at `path`. */
  readonly worktree: Worktree | undefined
  readonly folder: 'absent' | 'empty' | 'present'
  /** Another checkout that has the lane branch. */
  readonly elsewhere: string | undefined
  /** Uncommitted paths in the worktree. */
  readonly dirty: readonly string[]
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
  readonly warnings: readonly string[]
}

/** Reads what there is: two git processes, a third when the worktree exists. */
export async function laneFacts(
  ports: Pick<Ports, 'git' | 'files'>,
  request: LaneRequest,
): Promise<LaneFacts> {
  const { repo, path, branch } = request
  const [refs, worktrees, base] = await Promise.all([
    ports.git.refs(repo, ['refs/heads/', 'refs/remotes/']),
    ports.git.worktrees(repo),
    request.base === undefined ? undefined : ports.git.resolve(repo, [request.base]),
  ])
  const present = ports.files.stat(path) !== undefined
  const worktree = worktrees.find(tree => tree.path === path)
  const checked = present && worktree !== undefined
  const dirt = checked ? await ports.git.status(path) : []
  return {
    ...request,
    refs,
    worktree,
    folder: !present ? 'absent' : ports.files.list(path).length === 0 ? 'empty' : 'present',
    elsewhere: worktrees.find(tree => tree.branch === branch && tree.path !== path)?.path,
    dirty: dirt.map(entry => entry.path).filter(name => !/^\.(spec-kitty|kittify)\//.test(name)),
    baseSha: base?.[0] ?? null,
  }
}

type LaneGit = Pick<Ports['git'], 'mergeBase' | 'mergeTree' | 'commitTree' | 'objects'>

/**
 * Plans the lane, with the approved code of its dependencies inside. Throws `not_ready`, `dirty_worktree`,
 * `lane_branch_lost` or `dependency_lane_conflict`; nothing has changed then.
 */
export async function planLane(git: LaneGit, facts: LaneFacts): Promise<LanePlan> {
  refuseUnusable(facts)
  const head = tipOf(facts, facts.branch)
  const start = startOf(facts)
  const warnings: string[] = []
  const merged: string[] = []
  let tip = head ?? start.sha
  for (const dependency of facts.dependencies) {
    const theirs = tipOf(facts, dependency.branch)
    if (theirs === undefined) {
      if (dependency.startedAt !== undefined) {
        throw lost(facts, dependency.branch, dependency.laneId, dependency.startedAt)
      }
      warnings.push(
        `Lane ${dependency.laneId} has no branch ${dependency.branch}; nothing was taken from it.`,
      )
      continue
    }
    const next = await mergeIn(git, facts, tip, theirs, dependency)
    if (next !== tip) merged.push(dependency.laneId)
    tip = next
  }
  if (head !== undefined && tip !== head && facts.dirty.length > 0) throw dirty(facts)
  return {
    changes: laneChanges(facts, start.sha, head, tip),
    tip,
    baseBranch: start.name,
    mergedLanes: merged,
    created: facts.worktree === undefined || facts.folder !== 'present',
    newBranch: head === undefined,
    warnings,
  }
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
  const mission = tipOf(facts, facts.missionBranch) ?? tipOf(facts, facts.targetBranch)
  if (mission !== undefined) return { name: facts.missionBranch, sha: mission }
  throw new KittyError(
    'not_ready',
    `Target branch '${facts.targetBranch}' does not exist, so no lane can start from it`,
    {
      hint: sh`Make it: git branch ${facts.targetBranch}`,
    },
  )
}

function refuseUnusable(facts: LaneFacts): void {
  const { worktree, path } = facts
  if (tipOf(facts, facts.branch) === undefined && facts.startedAt !== undefined) {
    throw lost(facts, facts.branch, facts.laneId, facts.startedAt)
  }
  if (facts.elsewhere !== undefined) {
    throw new KittyError(
      'not_ready',
      `Branch '${facts.branch}' is checked out in ${facts.elsewhere}, so the lane cannot have it`,
      {
        hint: sh`Leave it there first: git -C ${facts.elsewhere} switch --detach`,
      },
    )
  }
  if (worktree === undefined && facts.folder === 'present') {
    throw new KittyError('not_ready', `${path} exists but is not a worktree of this repository`, {
      hint: sh`Keep what you need of it and move it away: mv ${path} ${`${path}.old`}`,
    })
  }
  if (worktree !== undefined && facts.folder === 'present' && worktree.branch !== facts.branch) {
    throw new KittyError(
      'not_ready',
      `The lane worktree ${path} is on ${worktree.branch ?? 'no branch'}, not on ${facts.branch}`,
      {
        hint: sh`git -C ${path} switch ${facts.branch}`,
      },
    )
  }
  if (!facts.working && facts.dirty.length > 0) throw dirty(facts)
}

function dirty(facts: LaneFacts): KittyError {
  const shown = facts.dirty.slice(0, 5).join(', ')
  const at = part(sh`git -C ${facts.path}`)
  return new KittyError(
    'dirty_worktree',
    `The lane worktree ${facts.path} has uncommitted changes: ${shown}`,
    {
      hint: sh`Commit them there: ${at} add -A && ${at} commit`,
      data: { paths: facts.dirty, worktree: facts.path },
    },
  )
}

/** A branch that once existed is never replaced by a fresh one in silence: its commits would be forgotten. */
function lost(facts: LaneFacts, branch: string, laneId: string, startedAt: string): KittyError {
  const remote = [...facts.refs.keys()].find(
    ref => ref.startsWith('refs/remotes/') && ref.endsWith(`/${branch}`),
  )
  const origin = remote?.slice('refs/remotes/'.length)
  const from = origin ?? startedAt
  const remedy = sh`git branch ${branch} ${from}`
  const advice =
    origin === undefined
      ? sh` (the last commit known; find later ones with: git fsck --no-reflogs --lost-found)`
      : sh``
  return new KittyError('lane_branch_lost', `Branch '${branch}' of ${laneId} held work and is gone`, {
    hint: joined([remedy, advice], ''),
    data: { branch, lane_id: laneId, remediation: remedy },
  })
}

async function mergeIn(
  git: LaneGit,
  facts: LaneFacts,
  ours: Sha,
  theirs: Sha,
  dependency: Dependency,
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

function conflict(facts: LaneFacts, dependency: Dependency, found: Conflict): KittyError {
  return new KittyError(
    'dependency_lane_conflict',
    `DEPENDENCY_LANE_MERGE_CONFLICT: ${dependency.laneId} does not merge into ${facts.laneId}: ${conflictWords(found)}`,
    {
      hint: sh`Resolve it by hand, then run implement again: ${part(conflictRemedy(facts))}`,
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
function conflictRemedy(facts: LaneFacts): Remedy {
  const merges = facts.dependencies.map(other => sh`git merge ${other.branch}`)
  const { path, branch } = facts
  const there = joined([sh`cd ${path}`, ...merges], ' && ')
  if (facts.folder === 'present') return there
  const exists = tipOf(facts, branch) !== undefined
  const add = exists ? [path, branch] : ['-b', branch, path, startOf(facts).sha]
  return sh`git worktree add ${add} && ${part(there)}`
}

/** Refs first, then files: after a crash between them the next run finds a branch and makes the worktree. */
function laneChanges(facts: LaneFacts, start: Sha, head: Sha | undefined, tip: Sha): readonly Change[] {
  const { repo, path, branch } = facts
  const updates: RefUpdate[] = []
  if (tipOf(facts, facts.missionBranch) === undefined) {
    const root = tipOf(facts, facts.targetBranch) ?? start
    updates.push({ ref: `refs/heads/${facts.missionBranch}`, old: null, new: root })
  }
  if (head !== undefined && head !== tip) updates.push({ ref: `refs/heads/${branch}`, old: head, new: tip })
  const changes: Change[] = []
  if (updates.length > 0) {
    changes.push({ kind: 'update_refs', repo, message: `spec-kitty implement: ${basename(path)}`, updates })
  }
  if (facts.worktree === undefined || facts.folder !== 'present') {
    // Git keeps a removed folder registered and would refuse to make it again.
    if (facts.worktree !== undefined) changes.push({ kind: 'remove_worktree', repo, path })
    changes.push({ kind: 'add_worktree', repo, path, branch, ...(head === undefined ? { start: tip } : {}) })
  } else if (head !== undefined && head !== tip) {
    changes.push({ kind: 'move_checkout', checkout: path, from: head, to: tip })
  }
  return changes
}
