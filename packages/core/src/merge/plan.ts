/**
 * Everything a merge will do, as one value: final commits built as objects, and the journal that lands them.
 * Nothing a user can see has changed when this is done.
 */
import type { MergePlan, MergeState } from '@spec-kitty/contracts/files/merge-state'
import type { Sha } from '@spec-kitty/contracts/ids'
import { contextPath } from '../repo/lanes/context.ts'
import { missionClosed, toldOf } from '../repo/log/told.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { join } from '../text/paths.ts'
import type { QueuedFact } from '../world/change.ts'
import type { Objects, PlacedBlob, Ports } from '../world/ports.ts'
import { head, type MergeFacts, uncommittedBookkeeping } from './facts.ts'
import type { Forecast, Road } from './forecast.ts'
import { closure, standsOn } from './graph.ts'
import type { Ledger } from './ledger.ts'
import { landingMessage } from './message.ts'

/** The journal of a merge that has no blockers, and what the server is told once it has landed. */
export async function planMerge(
  ports: Ports,
  objects: Objects,
  facts: MergeFacts,
  forecast: Forecast,
  ledger: Ledger,
): Promise<{ readonly state: MergeState; readonly told: readonly QueuedFact[] }> {
  const { mission, options } = facts
  const { target, missionTip, result } = await buildCommits(ports, facts, forecast, ledger)
  const state: MergeState = {
    version: 1,
    mission_slug: mission.slug,
    mission_id: mission.id,
    phase: 'prepared',
    started_at: ports.clock.now(),
    options,
    plan: planLanding(ports, objects, facts, { target, missionTip, result, files: ledger.files }),
    summary: {
      mission_number: ledger.number,
      mission_branch: facts.missionBranch,
      baseline_merge_commit: target,
      merge_commit: result,
      merged_lanes: [...forecast.merged],
      done_work_packages: ledger.events.map(event => event.wp_id),
    },
  }
  return { state, told: [...toldOf(mission, ledger.events), ...missionClosed(mission, ledger.number)] }
}

/* ----------------------------------------------------------------- the commits */

/** The commit that the target moves to, and the mission branch as it is merged. */
export async function buildCommits(
  ports: Ports,
  facts: MergeFacts,
  forecast: Forecast,
  ledger: Ledger,
): Promise<Omit<Built, 'files'> & { readonly message: string }> {
  const { target } = facts
  const { road } = forecast
  if (target === null || road === undefined)
    throw new Error('buildCommits: called for a merge that has blockers')
  const missionTip = await missionCommit(ports, facts, road)
  const message = await landingMessage(ports, facts, forecast)
  return {
    target,
    missionTip,
    message,
    result: await targetCommit(ports, facts, forecast, ledger, missionTip, message),
  }
}

/** The mission branch with all lanes in it, where it is to stay or to be seen. Null without a mission branch. */
async function missionCommit(ports: Pick<Ports, 'git'>, facts: MergeFacts, road: Road): Promise<Sha | null> {
  const { missionTip: tip, missionBranch, options, standing } = facts
  const seen = options.strategy === 'merge' || !options.delete_branch || standing.onMission
  if (tip === null || !seen) return tip
  const [only, ...others] = road.heads
  if (only === undefined) return tip
  const stands = road.heads.every(commit => standsOn(facts.graph, commit, tip))
  if (others.length === 0 && stands) return only
  const sign = facts.signs ? 'always' : false
  const parents = stands ? road.heads : [tip, ...road.heads]
  const message = `Merge the lanes of ${missionBranch}`
  return ports.git.commitTree(facts.project.top, { tree: road.lanesTree, parents, message, sign })
}

async function targetCommit(
  ports: Ports,
  facts: MergeFacts,
  forecast: Forecast,
  ledger: Ledger,
  missionTip: Sha | null,
  message: string,
): Promise<Sha> {
  const { strategy } = facts.options
  const onto = forecast.replayed ?? facts.target
  const parents = onto === null ? [] : [onto]
  // From the lanes, or from the mission branch itself.
  const brings = missionTip !== null && !closure(facts.graph, facts.target ?? missionTip).has(missionTip)
  if (strategy === 'merge' && brings && missionTip !== facts.target) parents.push(missionTip)
  const sign = facts.signs ? 'always' : false
  return ports.git.commitTree(facts.project.top, { tree: ledger.tree, parents, message, sign })
}

/* ----------------------------------------------------------------- the landing */

interface Built {
  readonly target: Sha
  readonly missionTip: Sha | null
  readonly result: Sha
  readonly files: readonly PlacedBlob[]
}

function planLanding(ports: Ports, objects: Objects, facts: MergeFacts, built: Built): MergePlan {
  const { project, mission, options, laneFacts } = facts
  const { target, missionTip, result } = built
  const moves = [{ ref: head(options.target), old: target as string, new: result as string }]
  if (facts.missionTip !== null && missionTip !== null && missionTip !== facts.missionTip)
    moves.push({ ref: head(facts.missionBranch), old: facts.missionTip, new: missionTip })
  const cleaned = laneFacts.filter(lane => !lane.canceled)
  const worktrees = options.remove_worktree ? cleaned.filter(lane => lane.worktree !== null) : []
  const gone = new Set(worktrees.map(lane => lane.branch))
  const branches = options.delete_branch
    ? cleaned.filter(lane => lane.tip !== null && (lane.worktree === null || gone.has(lane.branch)))
    : []
  const deletions = branches.map(lane => ({ ref: head(lane.branch), old: lane.tip, new: null }))
  if (options.delete_branch && missionTip !== null)
    deletions.push({ ref: head(facts.missionBranch), old: missionTip, new: null })
  const shelf = `refs/kitty/backup/${mission.slug}/${stampOf(ports.clock.now())}-${ports.ids.hex(4)}`
  // What a branch was before it moved counts, not what it is when it goes.
  const olds = new Map([...deletions, ...moves].map(({ ref, old }) => [ref, old] as const))
  return {
    moves,
    backups: [...olds].map(([ref, old]) => ({
      ref: `${shelf}/${ref.slice('refs/'.length)}`,
      old: null,
      new: old,
    })),
    checkout: checkoutMove(facts, built),
    push: (options.push ? facts.remote.push : undefined) ?? null,
    files: facts.standing.onTarget ? carriedMoves(ports, objects, facts, built) : [],
    worktrees: worktrees.map(lane => ({
      path: lane.worktree ?? '',
      branch: lane.branch,
      litter: lane.dirt.litter.map(path => join(lane.worktree ?? '', path)),
    })),
    branches: deletions,
    contexts: worktrees.flatMap(lane => {
      const path = contextPath(project.root, mission.slug, lane.id)
      const text = ports.files.text(path)
      return text === undefined ? [] : [{ path, text }]
    }),
  }
}

/** Files and index follow the branch they belong to, where the merge moves it. */
function checkoutMove(facts: MergeFacts, { target, missionTip, result }: Built): MergePlan['checkout'] {
  const path = facts.project.top
  if (facts.standing.onTarget) return { path, from: target, to: result }
  if (!facts.standing.onMission || facts.missionTip === null || missionTip === null) return null
  return missionTip === facts.missionTip ? null : { path, from: facts.missionTip, to: missionTip }
}

/** Log, snapshot and meta.json: written anew. */
function isLedger({ mission }: MergeFacts, path: string): boolean {
  const { log, snapshot, meta } = missionPaths({ dir: mission.rel })
  return [log, snapshot, meta].includes(path)
}

/** What becomes of uncommitted bookkeeping on disk: so that it can be put back, its bytes are stored first. */
function carriedMoves(
  ports: Ports,
  objects: Objects,
  facts: MergeFacts,
  { files, target }: Built,
): MergePlan['files'] {
  const uncommitted = new Set(uncommittedBookkeeping(facts))
  return files
    .filter(({ path }) => uncommitted.has(path))
    .map(({ path, blob }) => {
      const place = join(facts.project.top, path)
      const before = objects.write(ports.files.bytes(place) ?? new Uint8Array(), target)
      // What is carried stays on disk as it is, with the line ends of the checkout.
      return { path: place, before, after: isLedger(facts, path) ? blob : before }
    })
}

/** `20260203T040506Z`: a time that may stand in a reference. */
function stampOf(now: string): string {
  return `${now.slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}
