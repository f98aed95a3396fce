/**
 * From work packages to lanes (docs/lanes.md): packages that can touch the same files share a lane,
 * dependencies become edges between lanes. Pure.
 *
 * Differences from the Python edition: overlap is judged by path segments (overlap.ts), and the 27th lane is
 * `lane-aa`. Its second joining rule, shared surface words, never joined anything; the words are kept as a field.
 */
import type { CollapseReport, ExecutionLane, LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { laneId, PLANNING_LANE } from './names.ts'
import { type Glob, overlaps, parseGlob } from './overlap.ts'

/** What lane computation must know of a work package. */
export interface PackageScope {
  readonly id: string
  readonly planning: boolean
  /** Given up, with work in its lane: nobody joins it, however their files meet. */
  readonly apart?: boolean
  readonly owned: readonly string[]
  /** Direct ones. */
  readonly dependencies: readonly string[]
  /** Text in which surface words are looked for. */
  readonly text: string
}

interface MissionHead {
  readonly slug: string
  readonly id: string | null
  readonly branch: string
  readonly target: string
}

interface Owner {
  readonly scope: PackageScope
  readonly globs: readonly Glob[]
}

/** A lane whose branch or history holds work: its name belongs to the packages that did it, for ever. */
export interface KeptLane {
  readonly id: string
  /** Whose work it holds; empty where they are gone. */
  readonly wpIds: readonly string[]
}

/** The manifest of a mission. `at` is the time stamp of the computation; nobody else gets a lane that is `kept`. */
export function computeLanes(
  mission: MissionHead,
  scopes: readonly PackageScope[],
  at: string,
  kept: readonly KeptLane[] = [],
): LanesJson {
  const sorted = scopes.toSorted((a, b) => compareCodePoints(a.id, b.id))
  const code = sorted.filter(scope => !scope.planning)
  const owners = code
    .filter(scope => scope.apart !== true)
    .map(scope => ({ scope, globs: scope.owned.map(parseGlob) }))
  const { groups, events } = join(owners)
  const alone = code.filter(scope => scope.apart === true).map(scope => [scope])
  const planning = sorted.filter(scope => scope.planning)
  const lanes = [
    ...[...name([...groups, ...alone], kept)].map(([id, group]) => describe(id, inOrder(group))),
    ...(planning.length === 0
      ? []
      : [{ ...describe(PLANNING_LANE, planning), predicted_surfaces: ['planning'] }]),
  ]
  return {
    version: 1,
    mission_slug: mission.slug,
    mission_id: mission.id ?? mission.slug,
    mission_branch: mission.branch,
    target_branch: mission.target,
    lanes: connect(lanes, sorted),
    computed_at: at,
    computed_from: 'dependency_graph+ownership',
    planning_artifact_wps: planning.map(scope => scope.id),
    ...(events.length === 0 ? {} : { collapse_report: report(events, sorted) }),
  }
}

/** Packages with work in a lane stay there; all others get names that no lane ever had. */
function name(
  groups: readonly (readonly PackageScope[])[],
  kept: readonly KeptLane[],
): ReadonlyMap<string, readonly PackageScope[]> {
  const homes = new Map(kept.flatMap(lane => lane.wpIds.map(wpId => [wpId, lane.id] as const)))
  const taken = new Set(kept.map(lane => lane.id))
  const named = new Map<string, readonly PackageScope[]>()
  let next = 0
  for (const group of groups) {
    const home = group.flatMap(scope => homes.get(scope.id) ?? [])[0]
    while (home === undefined && taken.has(laneId(next))) next += 1
    const id = home ?? laneId(next)
    if (home === undefined) next += 1
    named.set(id, [...(named.get(id) ?? []), ...group])
  }
  return named
}

type CollapseEvent = CollapseReport['events'][number]

/** Groups of packages whose scopes meet, ordered by their smallest id; one event for each pair that joined two groups. */
function join(owners: readonly Owner[]): { groups: PackageScope[][]; events: CollapseEvent[] } {
  const parent = owners.map((_, i) => i)
  const find = (i: number): number => {
    let root = i
    while (parent[root] !== root) root = parent[root] ?? root
    return root
  }
  const events: CollapseEvent[] = []
  owners.forEach((a, i) => {
    owners.slice(i + 1).forEach((b, offset) => {
      const [rootA, rootB] = [find(i), find(i + 1 + offset)]
      const evidence = rootA === rootB ? undefined : overlapEvidence(a, b)
      if (evidence === undefined) return
      parent[Math.max(rootA, rootB)] = Math.min(rootA, rootB)
      events.push({ wp_a: a.scope.id, wp_b: b.scope.id, rule: 'write_scope_overlap', evidence })
    })
  })
  const groups = new Map<number, PackageScope[]>()
  owners.forEach((owner, i) => {
    const root = find(i)
    groups.set(root, [...(groups.get(root) ?? []), owner.scope])
  })
  return { groups: [...groups.values()], events }
}

function overlapEvidence(a: Owner, b: Owner): string | undefined {
  for (const x of a.globs) {
    for (const y of b.globs) {
      if (!overlaps(x, y)) continue
      const pair = `overlapping globs: '${x.pattern}' vs '${y.pattern}'`
      if (b.scope.dependencies.includes(a.scope.id)) return `${pair}; ${b.scope.id} depends on ${a.scope.id}`
      if (a.scope.dependencies.includes(b.scope.id)) return `${pair}; ${a.scope.id} depends on ${b.scope.id}`
      return pair
    }
  }
  return undefined
}

/** Dependencies first, otherwise by id. Members of a cycle come last; finalize-tasks refuses cycles before. */
function inOrder(group: readonly PackageScope[]): readonly PackageScope[] {
  const members = new Set(group.map(scope => scope.id))
  const placed = new Set<string>()
  const order: PackageScope[] = []
  for (let waiting = [...group]; waiting.length > 0; ) {
    const next =
      waiting.find(scope => scope.dependencies.every(id => !members.has(id) || placed.has(id))) ?? waiting[0]
    if (next === undefined) break
    placed.add(next.id)
    order.push(next)
    waiting = waiting.filter(scope => scope !== next)
  }
  return order
}

function describe(id: string, scopes: readonly PackageScope[]): ExecutionLane {
  return {
    lane_id: id,
    wp_ids: scopes.map(scope => scope.id),
    write_scope: sortedSet(scopes.flatMap(scope => scope.owned)),
    predicted_surfaces: sortedSet(scopes.flatMap(scope => surfaces(scope.text))),
    depends_on_lanes: [],
    parallel_group: 0,
  }
}

/** Adds the edges between lanes and their depth, and sorts by depth and name. */
function connect(lanes: readonly ExecutionLane[], scopes: readonly PackageScope[]): ExecutionLane[] {
  const laneOf = new Map(lanes.flatMap(lane => lane.wp_ids.map(id => [id, lane.lane_id] as const)))
  const edges = new Map<string, Set<string>>(lanes.map(lane => [lane.lane_id, new Set()]))
  for (const { id, dependencies } of scopes) {
    const from = laneOf.get(id)
    for (const dependency of dependencies) {
      const to = laneOf.get(dependency)
      if (from !== undefined && to !== undefined && from !== to) edges.get(from)?.add(to)
    }
  }
  const depth = depths(edges)
  return lanes
    .map(lane => ({
      ...lane,
      depends_on_lanes: sortedSet(edges.get(lane.lane_id) ?? []),
      parallel_group: depth.get(lane.lane_id) ?? 0,
    }))
    .sort((a, b) => a.parallel_group - b.parallel_group || compareCodePoints(a.lane_id, b.lane_id))
}

/** 0 without dependencies, else one more than the deepest of them. A lane met again on its own way counts as 0. */
function depths(edges: ReadonlyMap<string, ReadonlySet<string>>): ReadonlyMap<string, number> {
  const known = new Map<string, number>()
  const visit = (id: string, way: readonly string[]): number => {
    const found = known.get(id)
    if (found !== undefined) return found
    if (way.includes(id)) return 0
    const below = [...(edges.get(id) ?? [])].map(next => visit(next, [...way, id]))
    const depth = below.length === 0 ? 0 : 1 + Math.max(...below)
    known.set(id, depth)
    return depth
  }
  for (const id of edges.keys()) visit(id, [])
  return known
}

function report(events: CollapseEvent[], scopes: readonly PackageScope[]): CollapseReport {
  const dependencies = new Map(scopes.map(scope => [scope.id, scope.dependencies]))
  const dependent = ({ wp_a: a, wp_b: b }: CollapseEvent): boolean =>
    dependencies.get(a)?.includes(b) === true || dependencies.get(b)?.includes(a) === true
  return {
    events,
    total_merges: events.length,
    independent_wps_collapsed: events.filter(event => !dependent(event)).length,
    by_rule: { write_scope_overlap: events.length },
  }
}

/** Words that hint at a surface of the product (docs/lanes.md). For the reader of lanes.json only. */
const SURFACE_WORDS: Readonly<Record<string, readonly string[]>> = {
  api: ['api', 'endpoint', 'route', 'view'],
  'app-shell': ['app shell', 'app-shell', 'navigation', 'sidebar', 'layout'],
  'artifact-rendering': ['artifact', 'render', 'template'],
  dashboard: ['dashboard', 'landing page', 'landing-page'],
  'legacy-cleanup': ['legacy', 'cleanup', 'deprecat', 'remov'],
  tests: ['test suite', 'test infrastructure', 'e2e test', 'integration test'],
  'tracker-integration': ['tracker', 'saas', 'sync'],
  workspace: ['workspace'],
}

function surfaces(text: string): readonly string[] {
  const lower = text.toLowerCase()
  return Object.entries(SURFACE_WORDS)
    .filter(([, words]) => words.some(word => lower.includes(word)))
    .map(([surface]) => surface)
}

function sortedSet(items: Iterable<string>): string[] {
  return [...new Set(items)].sort(compareCodePoints)
}
