/**
 * The merged tree to its last byte: the code of the forecast, the mission's files as the checkout has them, and the
 * ledger, which is log, snapshot and meta.json. Dry run and real run build the same; then the last step, which touches
 * files, is rehearsed.
 */
import type { NewTransition, Transition } from '@spec-kitty/contracts/files/events'
import type { Sha } from '@spec-kitty/contracts/ids'
import { isObject, type Json, type JsonObject, parseObject } from '@spec-kitty/contracts/json'
import { type Conflict, isComputed, settle } from '../repo/lanes/combine.ts'
import { type Nested, nestedAt } from '../repo/lanes/dirt.ts'
import { drawStamps, mergedStyle } from '../repo/log/emit.ts'
import { printRow, wholeLog } from '../repo/log/log.ts'
import { continueReduction, type Reduction, reduceLog } from '../repo/log/reduce.ts'
import { printSnapshot, snapshotOf } from '../repo/log/snapshot.ts'
import { requireTransition, standing as standingOf } from '../repo/log/transition.ts'
import { metaRestore } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { goodRevision } from '../repo/project/good-copy.ts'
import { editJson } from '../text/json-edit.ts'
import { dirname, join } from '../text/paths.ts'
import type { Objects, PlacedBlob, Ports, TreeDiff } from '../world/ports.ts'
import { carriedFiles, type MergeFacts } from './facts.ts'
import { type Forecast, isLaneWithTip, type LaneWithTip, type Road } from './forecast.ts'
import { type LogFacts, unite } from './logs.ts'
import { type Renumbering, renumber, renumberEdits } from './renumber.ts'

/** A file of the mission that nobody can read as one side has it: of a lane, or of `rev`. */
export interface Unreadable {
  readonly lane: LaneWithTip | undefined
  readonly rev: string
  readonly path: string
  readonly problem: string
  /** A revision whose copy can be read: where lanes begin, else the last one; undefined where there is none. */
  readonly good: string | undefined
}

type Broken = Omit<Unreadable, 'good'>

/** What a lane, or the mission branch, does to planning files of the target. */
export interface PlanningChange {
  readonly lane: LaneWithTip
  /** The branch that did it, where no lane did: it is mended in this lane. */
  readonly through: string | undefined
  readonly edited: readonly string[]
  readonly deleted: readonly string[]
}

export interface Ledger {
  /** The files that are written anew and those taken from disk, as they are in the merged tree. */
  readonly files: readonly PlacedBlob[]
  readonly events: readonly NewTransition[]
  readonly number: number | null
  /** Missions of the target whose number somebody else has too. */
  readonly renumbered: readonly Renumbering[]
  /** The target with everything. */
  readonly tree: Sha
  /** What changes on the target. */
  readonly changes: readonly TreeDiff[]
  readonly planning: readonly PlanningChange[]
  /** Links to repositories that nobody can fetch. */
  readonly strayLinks: readonly StrayLink[]
}

export interface StrayLink {
  readonly lane: LaneWithTip
  readonly path: string
  /** The repository itself, where the lane's worktree still has it. */
  readonly inner: Nested | undefined
}

/** `lanes`: those that edit the files in question; none where the target itself does. */
export interface OwnConflict extends Conflict {
  readonly lanes: readonly LaneWithTip[]
}

export interface Prepared {
  readonly unreadable: readonly Unreadable[]
  /** The mission's files on the checkout's branch do not merge with the target's. */
  readonly conflict: OwnConflict | undefined
  readonly ledger: Ledger | undefined
}

interface Desk {
  readonly ports: Ports
  readonly objects: Objects
  readonly facts: MergeFacts
  readonly target: Sha
  readonly lanes: readonly LaneWithTip[]
}

/** Builds the tree; no ledger where something cannot be read or merged. */
export async function prepareLedger(
  ports: Ports,
  objects: Objects,
  facts: MergeFacts,
  { road }: Pick<Forecast, 'road'>,
): Promise<Prepared> {
  const { target } = facts
  if (target === null || road === undefined) return { unreadable: [], conflict: undefined, ledger: undefined }
  const desk: Desk = { ports, objects, facts, target, lanes: facts.laneFacts.filter(isLaneWithTip) }
  const planning = await planningChanges(desk, road)
  const carried = await carriedBlobs(desk)
  const base = await withOwnFiles(desk, road, carried)
  if (typeof base !== 'string') {
    const lanes = await authors(desk, road, base.files)
    return { unreadable: [], conflict: { ...base, lanes }, ledger: undefined }
  }
  const log = await unitedLog(desk)
  const meta = await mergedMeta(desk, base)
  const broken = [...log.unreadable, ...('text' in meta ? [] : [meta])]
  const unreadable = await Promise.all(broken.map(copy => withGood(desk, copy)))
  if (unreadable.length > 0 || !('text' in meta))
    return { unreadable, conflict: undefined, ledger: undefined }
  const given = facts.nextNumber ?? facts.mission.number
  const { number, others } = facts.byRequest
    ? await renumber(objects, target, facts.mission, given)
    : { number: given, others: [] }
  const { files, events } = writeLedger(desk, log, meta.text, number)
  const placed = await Promise.all(
    [...files].map(async ([path, blob]): Promise<PlacedBlob> => {
      const mode = (await objects.find(base, path))?.mode ?? '100644'
      return { path, blob, mode: mode === '120000' ? '100644' : mode }
    }),
  )
  // What is written anew is not carried as well: meta.json is both.
  const own = facts.standing.onTarget ? carried.filter(({ path }) => !files.has(path)) : []
  const elsewhere = await renumberEdits(objects, target, dirname(facts.mission.rel), others)
  const tree = await objects.edit(base, [...placed, ...elsewhere])
  const changes = await objects.diff(target, tree)
  return {
    unreadable: [],
    conflict: undefined,
    ledger: {
      files: [...placed, ...own],
      events,
      number,
      renumbered: others,
      tree,
      changes,
      planning,
      strayLinks: await strayLinks(desk, tree, changes),
    },
  }
}

/* ----------------------------------------------------------- the mission's files */

/** Uncommitted bookkeeping as git would store it. */
async function carriedBlobs({ ports, objects, facts }: Desk): Promise<readonly PlacedBlob[]> {
  const paths = carriedFiles(facts)
  const blobs = await ports.git.storeFiles(facts.project.top, paths)
  return Promise.all(
    paths.map(async (path, i): Promise<PlacedBlob> => {
      const known = facts.standing.head === null ? undefined : await objects.find(facts.standing.head, path)
      return { path, blob: blobs[i] as Sha, mode: known?.mode ?? '100644' }
    }),
  )
}

/**
 * With the mission's files of the checkout. On the target its uncommitted bookkeeping goes on top. On another branch
 * what that branch and the disk changed since it left the target is merged three ways, like everything else.
 */
async function withOwnFiles(
  { ports, objects, facts, target }: Desk,
  road: Road,
  carried: readonly PlacedBlob[],
): Promise<Sha | Conflict> {
  const { mission, project, standing, missionTip } = facts
  if (standing.onTarget) return objects.edit(road.tree, carried)
  if (standing.head === null) return road.tree
  const own = await objects.find(standing.head, mission.rel)
  let start = standing.onMission
    ? standing.head
    : await ports.git.mergeBase(project.top, target, standing.head)
  if (start === null) return road.tree
  let before = await objects.find(start, mission.rel)
  if (before === undefined && missionTip !== null) {
    // Made beside the target: what the mission branch took along is where the two part.
    start = (await ports.git.mergeBase(project.top, missionTip, standing.head)) ?? start
    before = await objects.find(start, mission.rel)
  }
  if (own?.id === before?.id && carried.length === 0) return road.tree
  const folder = own === undefined ? [] : [{ path: mission.rel, blob: own.id, mode: own.mode }]
  const tree = await objects.edit(await objects.edit(start, folder), carried)
  const parents = missionTip === null ? [target] : [target, missionTip]
  const ours = objects.commit(road.tree, parents, 'lanes')
  const theirs = objects.commit(tree, [start], 'files of the mission')
  const [merge] = await ports.git.mergeTrees(project.top, [[ours, theirs]])
  if (merge === undefined) return road.tree
  const { meta } = missionPaths({ dir: mission.rel })
  const result = await settle({ objects, mission }, ours, theirs, merge, path => path === meta)
  if ('conflict' in result) return result.conflict
  const merged = 'tree' in result ? result.tree : road.tree
  if (!merge.conflicts.includes(meta)) return merged
  const blob = await unitedMeta(objects, meta, { base: start, ours, theirs })
  return blob === undefined ? merged : await objects.edit(merged, [{ path: meta, blob }])
}

/** By keys, not by lines: what the checkout's branch changed goes into what the target has. */
async function unitedMeta(
  objects: Objects,
  path: string,
  { base, ours, theirs }: Readonly<Record<'base' | 'ours' | 'theirs', Sha>>,
): Promise<Sha | undefined> {
  const [before, here, there] = await objects.blobs([base, ours, theirs].map(rev => `${rev}:${path}`))
  const [old, mine, other] = [before, here, there].map(bytes =>
    parseObject(decode(bytes ?? new Uint8Array())),
  )
  if (here === undefined || mine === undefined || other === undefined) return undefined
  const keys = [...new Set([...Object.keys(old ?? {}), ...Object.keys(other)])]
  const changed = keys.filter(key => JSON.stringify(other[key]) !== JSON.stringify(old?.[key]))
  const text = editJson(decode(here), Object.fromEntries(changed.map(key => [key, other[key]])))
  return objects.write(new TextEncoder().encode(text), ours)
}

/** Planning files of the target that lanes change. Log and snapshot are computed anew, whatever lanes did to them. */
async function planningChanges(
  { objects, facts, target, lanes }: Desk,
  road: Road,
): Promise<readonly PlanningChange[]> {
  const inside = `${dirname(facts.mission.rel)}/`
  const changed = (await objects.diff(target, road.tree)).filter(
    ({ path, added }) => path.startsWith(inside) && !added && !isComputed(facts.mission, path),
  )
  if (changed.length === 0) return []
  const base = facts.missionTip ?? target
  const found = await Promise.all(
    lanes.map(async (lane): Promise<PlanningChange> => {
      const own = new Map((await objects.diff(base, lane.tip)).map(({ path, blob }) => [path, blob]))
      const mine = changed.filter(({ path }) => own.has(path))
      return {
        lane,
        through: undefined,
        edited: mine.filter(({ blob }) => blob !== null).map(({ path }) => path),
        deleted: mine
          .filter(({ path, blob }) => blob === null && own.get(path) === null)
          .map(({ path }) => path),
      }
    }),
  )
  const known = new Set(found.flatMap(({ deleted }) => deleted))
  const rest = changed.filter(({ path, blob }) => blob === null && !known.has(path)).map(({ path }) => path)
  // A lane that took the deletion over from another branch; where none did, the mission branch itself.
  for (const lane of lanes) {
    const there = await Promise.all(rest.map(path => objects.find(lane.tip, path)))
    const deleted = rest.filter((_, i) => there[i] === undefined)
    found.push({ lane, through: undefined, edited: [], deleted })
    for (const path of deleted) known.add(path)
  }
  const left = rest.filter(path => !known.has(path))
  const [first] = lanes
  if (first !== undefined && left.length > 0)
    found.push({ lane: first, through: facts.missionBranch, edited: [], deleted: left })
  return found.filter(({ edited, deleted }) => edited.length + deleted.length > 0)
}

/**
 * Lanes from which the merged lanes have their copies of these files. None where those are as on the target, or where
 * lanes have what the checkout has: then it is the target that differs.
 */
async function authors({ objects, target, lanes, facts }: Desk, road: Road, paths: readonly string[]) {
  const found = new Set<LaneWithTip>()
  const places = [road.tree, target, facts.standing.head ?? target, ...lanes.map(lane => lane.tip)]
  for (const path of paths) {
    const entries = places.map(async place => (await objects.find(place, path))?.id)
    const [merged, before, here, ...copies] = await Promise.all(entries)
    if (merged === before) continue
    const mine = lanes.filter((_, i) => copies[i] === merged)
    const others = lanes.filter((_, i) => copies[i] !== before && copies[i] !== here)
    for (const lane of mine.length > 0 ? mine : others) found.add(lane)
  }
  return [...found]
}

/** Links that come with the merge and that .gitmodules does not name. */
async function strayLinks({ ports, objects, facts, lanes }: Desk, tree: Sha, changes: readonly TreeDiff[]) {
  const links = changes.filter(({ mode, added }) => mode === '160000' && added)
  if (links.length === 0) return []
  const [modules] = await objects.blobs([`${tree}:.gitmodules`])
  const named = new Set(
    [...decode(modules ?? new Uint8Array()).matchAll(/^[ \t]*path[ \t]*=[ \t]*(\S.*)$/gm)].map(([, path]) =>
      path?.trimEnd(),
    ),
  )
  const stray = links.filter(({ path }) => !named.has(path))
  const found = await Promise.all(
    stray.map(async ({ path }) => {
      for (const lane of lanes) {
        if (!(await objects.find(lane.tip, path))) continue
        const place = lane.worktree ?? lane.home
        const here = ports.files.stat(join(place, path, '.git')) !== undefined
        const inner = here ? nestedAt(ports.files, facts.project.commonDir, place, path) : undefined
        return [{ lane, path, inner } satisfies StrayLink]
      }
      return []
    }),
  )
  return found.flat()
}

/* ------------------------------------------------------------------- the ledger */

/** The log with the rows that lanes, or the mission branch, added to their copies. */
async function unitedLog({ objects, facts, target, lanes }: Desk) {
  const { missionTip, mission, graph } = facts
  const path = missionPaths({ dir: mission.rel }).log
  const base = missionTip ?? target
  const known = (await objects.find(base, path))?.id
  const added = await Promise.all(
    lanes.map(async lane => ((await objects.find(lane.tip, path))?.id === known ? [] : [lane.tip])),
  )
  const own = missionTip !== null && missionTip !== target && !graph.has(target) ? [missionTip] : []
  const whole = await asCommitted(objects, `${target}:${path}`, wholeLog(facts.log.text))
  const { text, broken } = await unite({ objects, mission }, whole, [...own, ...added.flat()])
  const unreadable = broken.map(
    ({ rev, problem }): Broken => ({ lane: lanes.find(lane => lane.tip === rev), rev, path, problem }),
  )
  return { text, unreadable, reduction: text === whole ? facts.log.reduction : reduceLog(text) }
}

/** A log whose line ends somebody changed on disk only: git would not take its rows for the ones it has. */
async function asCommitted(objects: Objects, spec: string, text: string): Promise<string> {
  if (!text.includes('\r\n')) return text
  const [blob] = await objects.blobs([spec])
  return blob === undefined || decode(blob).includes('\r') ? text : text.replaceAll('\r\n', '\n')
}

async function withGood({ ports, facts, target }: Desk, copy: Broken): Promise<Unreadable> {
  const { path, lane } = copy
  const read = path === missionPaths({ dir: facts.mission.rel }).log ? reduceLog : metaRestore(path).read
  const first = lane === undefined ? [] : [facts.missionTip ?? target]
  return { ...copy, good: await goodRevision(ports, facts.project.top, path, read, first) }
}

/** meta.json as the merged tree has it; what is on disk where the tree has none. */
async function mergedMeta(
  { ports, objects, facts, target, lanes }: Desk,
  tree: Sha,
): Promise<{ readonly text: string } | Broken> {
  const path = missionPaths({ dir: facts.mission.rel }).meta
  const [blob] = await objects.blobs([`${tree}:${path}`])
  const text = blob === undefined ? ports.files.text(join(facts.project.top, path)) : decode(blob)
  if (text !== undefined && parseObject(text) !== undefined) return { text }
  const problem = 'it is not a JSON object'
  const [before, ...copies] = await objects.blobs(
    [target, ...lanes.map(lane => lane.tip)].map(at => `${at}:${path}`),
  )
  const known = before === undefined ? undefined : decode(before)
  const lane = lanes.find((_, i) => {
    const copy = copies[i] && decode(copies[i])
    return copy !== undefined && copy !== known && parseObject(copy) === undefined
  })
  return { lane, rev: facts.options.target, path, problem }
}

function writeLedger(
  { ports, objects, facts, target }: Desk,
  { text, reduction }: Pick<LogFacts, 'reduction'> & { readonly text: string },
  metaText: string,
  number: number | null,
) {
  const { mission } = facts
  const paths = missionPaths({ dir: mission.rel })
  const events = doneEvents(ports, facts, reduction)
  const lead = text === '' || text.endsWith('\n') ? '' : '\n'
  const log = `${text}${lead}${events.map(event => `${printRow(event)}\n`).join('')}`
  const meta = editJson(metaText, {
    mission_number: number,
    baseline_merge_commit: target,
    // Where it lands, it waits on no pull request any more.
    landing: undefined,
  })
  const style = mergedStyle(ports, facts.project, mission, reduction)
  const after = continueReduction(reduction, events) ?? reduceLog(log)
  const snapshot = printSnapshot(snapshotOf(after, { ...mission, number }, style))
  const files = new Map(
    [
      [paths.log, log],
      [paths.snapshot, snapshot],
      [paths.meta, meta],
    ].map(
      ([path = '', content = '']) =>
        [path, objects.write(new TextEncoder().encode(content), target)] as const,
    ),
  )
  return { files, events }
}

/** `approved → done` for every work package that is not there yet. */
function doneEvents(ports: Ports, facts: MergeFacts, reduction: Reduction): readonly NewTransition[] {
  const { target } = facts.options
  const wpIds = [...facts.states].filter(([, lane]) => lane === 'approved').map(([wpId]) => wpId)
  if (wpIds.length === 0) return []
  const stamps = drawStamps(ports, { reduction }, wpIds.length)
  return wpIds.flatMap((wpId, i) => {
    const stamp = stamps[i]
    if (stamp === undefined) return []
    const request = {
      wpId,
      to: 'done',
      actor: 'merge',
      reason: `Merged ${wpId} into ${target}`,
      evidence: evidenceFor(wpId, facts.log.approvals.get(wpId)),
      policyMetadata: { merge_phase: 'lane_integrated', target_branch: target },
    } as const
    return [requireTransition(facts.mission, standingOf(reduction, wpId), request, stamp)]
  })
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

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
