/**
 * Everything a merge will do, as one value: final commits built as objects, and the journal that lands them.
 * Nothing a user can see has changed when this is done.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { NewTransition, Transition } from '@spec-kitty/contracts/files/events'
import type { MergePlan, MergeState } from '@spec-kitty/contracts/files/merge-state'
import type { Sha } from '@spec-kitty/contracts/ids'
import { isObject, type Json, type JsonObject, parseJson, printSorted } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { contextPath } from '../repo/lanes/context.ts'
import { drawStamps } from '../repo/log/emit.ts'
import { printRow, readLog } from '../repo/log/log.ts'
import { unionLogs } from '../repo/log/log-union.ts'
import { type Reduction, reduceLog } from '../repo/log/reduce.ts'
import { printSnapshot, snapshotOf } from '../repo/log/snapshot.ts'
import { missionClosed, queueOf } from '../repo/log/told.ts'
import { requireTransition, standing } from '../repo/log/transition.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { join } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { Ports, TreeDiff, TreeEdit } from '../world/ports.ts'
import { head, type MergeFacts, uncommittedBookkeeping } from './facts.ts'
import type { Forecast, Road } from './forecast.ts'

type Git = Pick<Ports, 'git'>

/** The journal of a merge that has no blockers, and what the server is told once it has landed. */
export async function planMerge(
  ports: Ports,
  facts: MergeFacts,
  forecast: Forecast,
): Promise<{ readonly state: MergeState; readonly queue: readonly Change[] }> {
  const { target, mission, options } = facts
  const { road } = forecast
  if (target === null || road === undefined)
    throw new Error('planMerge: called for a merge that has blockers')
  const ledger = await planLedger(ports, facts, road)
  const blobs = await writeLedger(ports, facts, ledger)
  const edits: readonly TreeEdit[] = [...blobs].map(([path, blob]) => ({ path, blob }))
  const missionTip = await missionCommit(ports, facts, road, edits)
  const result = await targetCommit(ports, facts, forecast, road, missionTip, edits)
  const state: MergeState = {
    version: 1,
    mission_slug: mission.slug,
    mission_id: mission.id,
    phase: 'prepared',
    started_at: ports.clock.now(),
    options,
    plan: await planLanding(ports, facts, { target, missionTip, result, blobs }),
    summary: {
      mission_number: ledger.number,
      mission_branch: facts.missionBranch,
      baseline_merge_commit: target,
      merge_commit: result,
      merged_lanes: [...forecast.merged],
      done_work_packages: ledger.events.map(event => event.wp_id),
    },
  }
  return { state, queue: [...queueOf(mission, ledger.events), ...missionClosed(mission, ledger.number)] }
}

/* ------------------------------------------------------------------ the ledger */

/** The mission's own files as they are after the merge: paths from the top of the tree → contents. */
interface Ledger {
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly events: readonly NewTransition[]
  readonly number: number | null
}

async function planLedger(ports: Ports, facts: MergeFacts, road: Road): Promise<Ledger> {
  const { mission, target, nextNumber } = facts
  const paths = missionPaths({ dir: mission.rel })
  const disk = (path: string) => ports.files.bytes(join(facts.project.top, path))
  const text = await unitedLog(ports, facts)
  const reduction = reduceLog(text)
  const events = doneEvents(ports, facts, text, reduction)
  const lead = text === '' || text.endsWith('\n') ? '' : '\n'
  const log = `${text}${lead}${events.map(event => `${printRow(event)}\n`).join('')}`
  const number = nextNumber ?? mission.number
  const meta = {
    ...(await mergedMeta(ports, facts, road)),
    mission_number: number,
    baseline_merge_commit: target,
  }
  const snapshot = printSnapshot(snapshotOf(reduceLog(log), { ...mission, number }))
  const files = new Map<string, Uint8Array>()
  for (const path of carriedFiles(ports, facts)) files.set(path, disk(path) ?? new Uint8Array())
  files.set(paths.log, encode(log))
  files.set(paths.snapshot, encode(snapshot))
  files.set(paths.meta, encode(printSorted(meta)))
  return { files, events, number }
}

/** The log of the checkout with every event that any of the branches has besides: by union, never by a side. */
async function unitedLog(ports: Git, facts: MergeFacts): Promise<string> {
  const own = facts.status.log.text
  const path = missionPaths({ dir: facts.mission.rel }).log
  const tips = [facts.target, facts.missionTip, ...facts.laneFacts.map(lane => lane.tip)]
  const specs = [...new Set(tips)].flatMap(tip => (tip === null ? [] : [`${tip}:${path}`]))
  const others = (await ports.git.blobs(facts.project.top, specs)).flatMap(blob =>
    blob === undefined ? [] : [new TextDecoder().decode(blob)],
  )
  const known = new Set(own.split('\n'))
  const additional = others.filter(text => text.split('\n').some(line => !known.has(line)))
  return additional.length === 0 ? own : unionLogs([own, ...additional]).text
}

/** `approved → done` for every work package that is not there yet. */
function doneEvents(
  ports: Ports,
  facts: MergeFacts,
  text: string,
  reduction: Reduction,
): readonly NewTransition[] {
  const { target } = facts.options
  const wpIds = [...facts.states].filter(([, lane]) => lane === 'approved').map(([wpId]) => wpId)
  if (wpIds.length === 0) return []
  const approvals = lastApprovals(text)
  const stamps = drawStamps(ports, { reduction }, wpIds.length)
  return wpIds.flatMap((wpId, i) => {
    const stamp = stamps[i]
    if (stamp === undefined) return []
    const request = {
      wpId,
      to: 'done',
      actor: 'merge',
      reason: `Merged ${wpId} into ${target}`,
      evidence: evidenceFor(wpId, approvals.get(wpId)),
      policyMetadata: { merge_phase: 'lane_integrated', target_branch: target },
    } as const
    return [requireTransition(facts.mission, standing(reduction, wpId), request, stamp)]
  })
}

function lastApprovals(text: string): ReadonlyMap<string, Transition> {
  const approvals = new Map<string, Transition>()
  for (const row of readLog(text)) {
    if (row.kind === 'transition' && row.value.to_lane === 'approved')
      approvals.set(row.value.wp_id, row.value)
  }
  return approvals
}

/** The evidence of the approval, where it is whole; else a reference to the approved lane. */
function evidenceFor(wpId: string, approval: Transition | undefined): JsonObject {
  const evidence = approval?.evidence
  const review = isObject(evidence) ? evidence.review : undefined
  const whole = isObject(review) && ['reviewer', 'verdict', 'reference'].every(key => isFilled(review[key]))
  if (whole && isObject(evidence)) return evidence
  const reviewer = isFilled(approval?.actor) ? approval.actor : 'merge'
  return { review: { reviewer, verdict: 'approved', reference: `lane-approved:${wpId}` } }
}

function isFilled(value: Json | undefined): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

/** meta.json of the merged tree; the checkout's where the merge does not change it. */
async function mergedMeta(ports: Git, facts: MergeFacts, road: Road): Promise<JsonObject> {
  const path = missionPaths({ dir: facts.mission.rel }).meta
  const own = facts.mission.meta
  const change = road.kind === 'disjoint' ? road.changes.find(item => item.path === path)?.blob : undefined
  const spec = road.kind === 'merged' && road.result !== facts.target ? `${road.result}:${path}` : change
  if (spec === undefined || spec === null) return own
  const [merged, before] = await ports.git.blobs(facts.project.top, [spec, `${facts.target}:${path}`])
  if (merged === undefined || (before !== undefined && sameBytes(merged, before))) return own
  const value: unknown = parseJson(new TextDecoder().decode(merged))
  if (isObject(value)) return value
  throw new KittyError('file_malformed', `${path} of the merged branches is not a JSON object`, {
    hint: sh`Mend ${path} in the lane that changed it and commit`,
  })
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/**
 * Files that go with the merge as they are on disk: uncommitted bookkeeping; the whole mission when the target, not
 * checked out here, does not know it yet.
 */
function carriedFiles(ports: Ports, facts: MergeFacts): readonly string[] {
  if (facts.onTarget) return uncommittedBookkeeping(facts)
  return filesBelow(ports, facts.project.top, facts.mission.rel)
}

function filesBelow(ports: Ports, root: string, directory: string): readonly string[] {
  return ports.files.list(join(root, directory)).flatMap(name => {
    const path = `${directory}/${name}`
    const kind = ports.files.stat(join(root, path))?.kind
    if (kind === 'directory') return filesBelow(ports, root, path)
    return kind === 'file' ? [path] : []
  })
}

async function writeLedger(ports: Git, facts: MergeFacts, ledger: Ledger): Promise<ReadonlyMap<string, Sha>> {
  const entries = [...ledger.files]
  const blobs = await ports.git.writeBlobs(
    facts.project.top,
    entries.map(([, content]) => content),
  )
  return new Map(entries.flatMap(([path], i) => (blobs[i] === undefined ? [] : [[path, blobs[i]] as const])))
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/* ----------------------------------------------------------------- the commits */

/** The mission branch with all lanes in it; the ledger is put right where logs met. Null without a mission branch. */
async function missionCommit(
  ports: Git,
  facts: MergeFacts,
  road: Road,
  ledger: readonly TreeEdit[],
): Promise<Sha | null> {
  const { missionTip: tip, missionBranch } = facts
  const { root } = facts.project
  if (tip === null) return null
  const message = `Merge the lanes of ${missionBranch}`
  if (road.kind === 'merged') {
    if (road.mission === tip) return tip
    const tree = await ports.git.editTree(root, road.mission, ledger)
    return ports.git.commitTree(root, { tree, parents: [road.mission], message, sign: true })
  }
  const [only, ...others] = road.heads
  if (only === undefined) return tip
  if (others.length === 0) return only
  const tree = await ports.git.editTree(root, tip, road.changes.map(toEdit))
  return ports.git.commitTree(root, { tree, parents: [...road.heads], message, sign: true })
}

async function targetCommit(
  ports: Git,
  facts: MergeFacts,
  forecast: Forecast,
  road: Road,
  missionTip: Sha | null,
  ledger: readonly TreeEdit[],
): Promise<Sha> {
  const { root } = facts.project
  const { strategy, target: name } = facts.options
  const target = facts.target ?? ''
  const edits = road.kind === 'disjoint' ? [...road.changes.map(toEdit), ...ledger] : ledger
  const tree = await ports.git.editTree(root, road.kind === 'disjoint' ? road.onto : road.result, edits)
  const onto = forecast.replayed ?? (target as Sha)
  const parents =
    strategy === 'merge' && missionTip !== null && bringsSomething(facts, forecast, road)
      ? [onto, missionTip]
      : [onto]
  return ports.git.commitTree(root, { tree, parents, message: subject(facts, name), sign: true })
}

/** From the lanes, or from the mission branch itself. */
function bringsSomething(facts: MergeFacts, { merged }: Forecast, road: Road): boolean {
  return merged.length > 0 || (road.kind === 'disjoint' ? road.onto : road.result) !== facts.target
}

function toEdit({ path, blob, mode }: TreeDiff): TreeEdit {
  return { path, blob, ...(mode === null ? {} : { mode }) }
}

function subject({ missionBranch, mission, options }: MergeFacts, target: string): string {
  if (options.strategy === 'squash') return `feat(${missionBranch}): squash merge of mission`
  if (options.strategy === 'merge') return `Merge ${missionBranch} into ${target}`
  return `chore(${mission.slug}): record done transitions for merged WPs`
}

/* ----------------------------------------------------------------- the landing */

interface Built {
  readonly target: Sha
  readonly missionTip: Sha | null
  readonly result: Sha
  readonly blobs: ReadonlyMap<string, Sha>
}

async function planLanding(ports: Ports, facts: MergeFacts, built: Built): Promise<MergePlan> {
  const { project, mission, options, laneFacts } = facts
  const { target, missionTip, result } = built
  const moves = [{ ref: head(options.target), old: target as string, new: result as string }]
  if (facts.missionTip !== null && missionTip !== null)
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
  const olds = new Map(
    [...moves, ...branches.map(lane => ({ ref: head(lane.branch), old: lane.tip }))].map(
      ({ ref, old }) => [ref, old] as const,
    ),
  )
  return {
    moves,
    backups: [...olds].map(([ref, old]) => ({
      ref: `${shelf}/${ref.slice('refs/'.length)}`,
      old: null,
      new: old,
    })),
    checkout: checkoutMove(facts, built),
    files: facts.onTarget ? await carriedMoves(ports, facts, built.blobs) : [],
    worktrees: worktrees.map(lane => ({
      path: lane.worktree ?? '',
      branch: lane.branch,
      litter: lane.litter.map(path => join(lane.worktree ?? '', path)),
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
  if (facts.onTarget) return { path, from: target, to: result }
  if (!facts.onMission || facts.missionTip === null || missionTip === null) return null
  return missionTip === facts.missionTip ? null : { path, from: facts.missionTip, to: missionTip }
}

/** What becomes of uncommitted bookkeeping on disk: so that it can be put back, its bytes are stored first. */
async function carriedMoves(
  ports: Ports,
  facts: MergeFacts,
  blobs: ReadonlyMap<string, Sha>,
): Promise<MergePlan['files']> {
  const uncommitted = new Set(uncommittedBookkeeping(facts))
  if (uncommitted.size === 0) return []
  const entries = [...blobs].filter(([path]) => uncommitted.has(path))
  const contents = entries.map(
    ([path]) => ports.files.bytes(join(facts.project.top, path)) ?? new Uint8Array(),
  )
  const before = await ports.git.writeBlobs(facts.project.top, contents)
  return entries.map(([path, after], i) => ({
    path: join(facts.project.top, path),
    before: before[i] ?? after,
    after,
  }))
}

/** `20260203T040506Z`: a time that may stand in a reference. */
function stampOf(now: string): string {
  return `${now.slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}
