/** From the facts of finalize-tasks to what will be written; nothing here reads or writes. */
import type { LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import { compareCodePoints, type JsonObject, printOrdered } from '@spec-kitty/contracts/json'
import { joined, part, sh } from '@spec-kitty/contracts/sh'
import { type Arrival, arrivals } from '../repo/lanes/arrival.ts'
import { computeLanes, type KeptLane } from '../repo/lanes/compute.ts'
import { executionLane as laneHolding } from '../repo/lanes/manifest.ts'
import { missionBranch, PLANNING_LANE } from '../repo/lanes/names.ts'
import { isLiteral, overlaps, parseGlob } from '../repo/lanes/overlap.ts'
import {
  type LifecycleDraft,
  newFacts,
  phaseCompleted,
  phaseStarted,
  wpCreated,
} from '../repo/log/lifecycle-rows.ts'
import { laneOf } from '../repo/log/reduce.ts'
import type { Mission } from '../repo/mission/handle.ts'
import type { Problem } from '../repo/mission/problems.ts'
import { isForm, isSubstantiveSpec, planProblem } from '../repo/mission/substance.ts'
import type { FieldEdits } from '../repo/tasks/front-matter.ts'
import { dependencyList, refList } from '../repo/tasks/lists.ts'
import { type Ownership, ownershipProblems, readOwnership } from '../repo/tasks/ownership.ts'
import { requirementIds, requirementProblem, requirementText } from '../repo/tasks/requirements.ts'
import type { TaskGraph } from '../repo/tasks/task-graph.ts'
import { fileBack } from '../repo/tasks/without-file.ts'
import type { WorkPackage } from '../repo/tasks/work-package.ts'
import type { FinalizeFacts } from './finalize-facts.ts'

/** Everything that stands in the way, in the order of the Python edition's checks. */
export function finalizeProblems(
  facts: FinalizeFacts,
  graph: TaskGraph,
  ownership: readonly Ownership[],
  lanes: LanesJson,
): readonly Problem[] {
  const requirement = requirementProblem(facts.spec, graph.requirements)
  return [
    ...unreadableProblems(facts),
    ...formProblems(facts),
    ...graph.problems.map(problem => withFilesBack(problem, facts)),
    ...(requirement === undefined ? [] : [withParsed(requirement, graph)]),
    ...ownershipProblems(ownership, facts.exists),
    ...movedLanes(facts, lanes),
  ]
}

/** Work package files whose front matter cannot be read, each with file and line. */
export function unreadableProblems(facts: Pick<FinalizeFacts, 'unreadable'>): readonly Problem[] {
  return facts.unreadable.map(error => ({
    code: error.code,
    message: error.message,
    hint: error.hint ?? sh`Mend the file`,
  }))
}

/** Packages that were planned had files, and git has those. */
function withFilesBack(problem: Problem, { status }: FinalizeFacts): Problem {
  const extra = problem.code === 'section_coverage' ? problem.data?.extra_wp_sections : undefined
  const planned = Array.isArray(extra)
    ? extra.filter(id => typeof id === 'string').filter(id => status.reduction.workPackages.has(id))
    : []
  if (planned.length === 0) return problem
  const back = planned.map(id => fileBack(id, status.mission))
  return { ...problem, hint: sh`Put the files back: ${part(joined(back, ' && '))}` }
}

/** Judged once: a mission that has planned packages is not asked again. */
function formProblems({ spec, plan = 'none', status }: FinalizeFacts): readonly Problem[] {
  if (status.reduction.workPackages.size > 0) return []
  const forms = [
    ...(isForm(spec, isSubstantiveSpec) ? ['spec.md'] : []),
    ...(isForm(plan, text => planProblem(text) === undefined) ? ['plan.md'] : []),
  ]
  return forms.map(name => ({
    code: 'mission_incomplete',
    message: `${name} is empty or still the form it began as`,
    hint: sh`Fill it in: ${status.mission.rel}/${name}`,
  }))
}

function withParsed(problem: Problem, graph: TaskGraph): Problem {
  const parsed = {
    dependencies_parsed: Object.fromEntries(graph.dependencies),
    requirement_refs_parsed: Object.fromEntries(graph.requirements),
  }
  return { ...problem, data: { ...problem.data, ...parsed } }
}

/** A work package that was started has its code in its lane: the lane must not change under it. */
function movedLanes(facts: FinalizeFacts, lanes: LanesJson): readonly Problem[] {
  const { lanes: before, status } = facts
  if (before === undefined) return []
  const arrived = arrivals(status.log.text)
  return facts.packages.flatMap(({ id }) => {
    const state = laneOf(status.reduction, id)
    const [was, is] = [laneHolding(before, id)?.lane_id, laneHolding(lanes, id)?.lane_id]
    if (!hasWork(arrived, id) || was === undefined || was === is) return []
    return [
      {
        code: 'lane_changed',
        message: `${id} is ${state} in ${was}, but would move to ${is ?? 'no lane'}`,
        hint: sh`Leave ownership and ids of started work packages as they are; give new ones higher numbers`,
      },
    ]
  })
}

/** Work on it was begun at some time: sent back, given up or landed, its commits are in its lane. */
function hasWork(arrived: ReadonlyMap<string, Arrival>, wpId: string): boolean {
  const arrival = arrived.get(wpId)
  return arrival !== undefined && (arrival.begun || arrival.at !== null)
}

/** The lanes that hold work, and whose it is. */
function keptLanes({ lanes, branched, status }: FinalizeFacts): readonly KeptLane[] {
  const arrived = arrivals(status.log.text)
  const before = (lanes?.lanes ?? []).filter(lane => lane.lane_id !== PLANNING_LANE)
  const known = before.flatMap((lane): KeptLane[] => {
    const begun = lane.wp_ids.filter(id => hasWork(arrived, id))
    if (begun.length > 0) return [{ id: lane.lane_id, wpIds: begun }]
    return branched.includes(lane.lane_id) ? [{ id: lane.lane_id, wpIds: lane.wp_ids }] : []
  })
  const foreign = branched.filter(id => !before.some(lane => lane.lane_id === id))
  return [...known, ...foreign.map(id => ({ id, wpIds: [] }))]
}

/** What every work package owns, with what its front matter leaves out inferred. */
export function ownershipOf(packages: readonly WorkPackage[]): readonly Ownership[] {
  return packages.map(({ id, file, body }) => readOwnership(id, file.fields, body))
}

/** The lanes; the ones that are there already when nothing but the time of computing differs. */
export function planLanes(
  facts: FinalizeFacts,
  graph: TaskGraph,
  ownership: readonly Ownership[],
  target: string,
  at: string,
): LanesJson {
  const { mission } = facts.status
  const text = new Map(facts.packages.map(({ id, title, body }) => [id, `${title}\n${body}`]))
  const kept = keptLanes(facts)
  const held = new Set(kept.flatMap(lane => lane.wpIds))
  const scopes = ownership.map(item => ({
    id: item.id,
    planning: item.mode === 'planning_artifact',
    apart: held.has(item.id) && laneOf(facts.status.reduction, item.id) === 'canceled',
    owned: item.owned,
    dependencies: graph.dependencies.get(item.id) ?? [],
    text: text.get(item.id) ?? '',
  }))
  // A name that was given once stays: branches of this name may exist.
  const branch = facts.lanes?.mission_branch ?? missionBranch(mission)
  const lanes = computeLanes({ slug: mission.slug, id: mission.id, branch, target }, scopes, at, kept)
  return facts.lanes !== undefined && sameLanes(facts.lanes, lanes) ? facts.lanes : lanes
}

function sameLanes(a: LanesJson, b: LanesJson): boolean {
  return canonical({ ...a, computed_at: '' }) === canonical({ ...b, computed_at: '' })
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => compareCodePoints(a, b)))
      : item,
  )
}

/** A value of the file format: any other sentence would be rewritten by the Python edition, and so on in turns. */
function branchStrategy(target: string): string {
  return `Planning artifacts for this mission were generated on ${target}. During /spec-kitty.implement this WP may branch from a dependency-specific base, but completed changes must merge back into ${target} unless the human explicitly redirects the landing branch.`
}

/** Front matter keys that a work package lacks or that say something else. */
export function planEdits(item: WorkPackage, graph: TaskGraph, owner: Ownership, target: string): FieldEdits {
  const { fields } = item.file
  const wanted: Record<string, string | readonly string[]> = {
    dependencies: graph.dependencies.get(item.id) ?? [],
    requirement_refs: graph.requirements.get(item.id) ?? [],
    planning_base_branch: target,
    merge_target_branch: target,
  }
  const absent: Record<string, string | readonly string[]> = {
    branch_strategy: branchStrategy(target),
    execution_mode: owner.mode,
    owned_files: owner.owned,
    ...(owner.surface === '' ? {} : { authoritative_surface: owner.surface }),
  }
  // A list that says more than ids (`- WP01: why`) is left as it is where the ids are the same.
  const own = { dependencies: dependencyList(fields), requirement_refs: refList(fields.requirement_refs) }
  const kept = Object.entries(own).filter(
    ([key, list]) => list.saysMore && canonical([...new Set(list.read)]) === canonical(wanted[key]),
  )
  const edits = Object.entries(wanted).filter(
    ([key, value]) =>
      canonical(fields[key] ?? null) !== canonical(value) && !kept.some(([name]) => name === key),
  )
  const additions = Object.entries(absent).filter(
    ([key]) => fields[key] === undefined || fields[key] === null,
  )
  return Object.fromEntries([...edits, ...additions])
}

const ACTOR = 'spec-kitty agent mission finalize-tasks'

/** The lifecycle rows that the log does not hold yet. */
export function planFacts(facts: FinalizeFacts, graph: TaskGraph): readonly LifecycleDraft[] {
  const { mission, log } = facts.status
  const created = facts.packages.map(item =>
    wpCreated(mission, ACTOR, {
      id: item.id,
      title: item.title,
      path: `${mission.rel}/tasks/${item.stem}.md`,
      dependencies: graph.dependencies.get(item.id) ?? [],
    }),
  )
  return newFacts(log.text, [
    phaseStarted(mission, 'Tasks', ACTOR),
    ...created,
    phaseCompleted(mission, 'Tasks', ACTOR, 'tasks.md', { wp_count: facts.packages.length }),
  ])
}

/** Work packages without an event. */
export function unseeded(facts: Pick<FinalizeFacts, 'packages' | 'status'>): readonly string[] {
  return facts.packages.map(item => item.id).filter(id => laneOf(facts.status.reduction, id) === 'genesis')
}

/** The bytes of a new acceptance-matrix.json: one pending criterion for each functional requirement. */
export function scaffoldMatrix(mission: Mission, spec: string): string {
  const criteria = requirementIds(spec)
    .filter(id => id.startsWith('FR-'))
    .map(id => ({
      criterion_id: id,
      description: requirementText(spec, id) ?? `${id} is satisfied`,
      proof_type: 'automated_test',
      evidence: null,
      pass_fail: 'pending',
      verified_by: null,
      verified_at: null,
      notes: '',
    }))
  const matrix: JsonObject = {
    mission_slug: mission.slug,
    mission_number: mission.number === null ? '' : String(mission.number),
    mission_type: mission.type,
    overall_verdict: 'pending',
    criteria,
    negative_invariants: [],
  }
  return printOrdered(matrix)
}

/** What is worth a look but stops nothing. */
export function ownershipWarnings(facts: FinalizeFacts, ownership: readonly Ownership[]): readonly string[] {
  const lanes = facts.lanesProblem === undefined ? [] : [`${facts.lanesProblem}; it is computed anew`]
  const packages = ownership.flatMap(item => [
    ...(item.inferred
      ? [`${item.id}: owned_files was not given; taken from its text: ${item.owned.join(', ')}`]
      : []),
    ...item.owned
      .filter(path => !isLiteral(path) && !facts.matches(path))
      .map(path => `${item.id}: owned_files glob '${path}' matches zero files in the repository`),
    ...(item.codebaseWide ? [] : sharedWithOthers(item, facts.others)),
  ])
  return [...lanes, ...packages]
}

function sharedWithOthers(item: Ownership, others: FinalizeFacts['others']): readonly string[] {
  return others.flatMap(({ slug, scope }) => {
    const theirs = scope.map(parseGlob)
    const pair = item.owned
      .map(own => ({ own, other: theirs.find(glob => overlaps(parseGlob(own), glob)) }))
      .find(({ other }) => other !== undefined)
    if (pair?.other === undefined) return []
    return [
      `${item.id}: '${pair.own}' overlaps '${pair.other.pattern}' of mission ${slug}, which is still open`,
    ]
  })
}
