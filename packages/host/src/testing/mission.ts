/** A minimal valid mission on disk, written without the code under test. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { compareCodePoints, type JsonObject } from '@spec-kitty/contracts/json'
import type { World } from './world.ts'

export const MISSION_ID = '01KQW4DF0000000000000000A1'
export const MISSION_SLUG = 'demo-feature-01KQW4DF'

export interface MissionFixture {
  readonly slug?: string
  /** Null writes no id (a legacy mission). */
  readonly id?: string | null
  readonly number?: number | null
  readonly wps?: readonly string[]
  /** Default: WP02 depends on WP01. */
  readonly deps?: Readonly<Record<string, readonly string[]>>
  readonly targetBranch?: string
  readonly tasksMd?: string
  readonly spec?: string
  readonly plan?: string
  /** Merged into meta.json; an undefined value drops the key. */
  readonly meta?: Readonly<Record<string, JsonObject[string] | undefined>>
  /** False writes no log. */
  readonly events?: boolean
  /** False writes no lanes.json. Default: one lane per work package, lane-a, lane-b … */
  readonly lanes?: boolean
  readonly eol?: '\n' | '\r\n'
}

const SPEC = `# Spec

## Functional Requirements

- **FR-001**: one
- **FR-002**: two

## Non-Functional Requirements

- **NFR-001**: fast

## Constraints

- **C-001**: small
`

/** Writes `.kittify` (when missing) and `kitty-specs/<slug>`; commits nothing. Answers the directory, relative. */
export function addMission(world: World, fixture: MissionFixture = {}): string {
  const slug = fixture.slug ?? MISSION_SLUG
  const id = fixture.id === undefined ? MISSION_ID : fixture.id
  const target = fixture.targetBranch ?? world.ports.git.head(world.root).branch ?? 'main'
  const wps = fixture.wps ?? ['WP01', 'WP02']
  const deps = fixture.deps ?? { WP02: ['WP01'] }
  const rel = `kitty-specs/${slug}`
  const eol = (text: string) => text.replaceAll('\n', fixture.eol ?? '\n')

  addProject(world)
  world.write(`${rel}/meta.json`, metaText(slug, id, target, fixture))
  world.write(`${rel}/spec.md`, fixture.spec ?? SPEC)
  world.write(`${rel}/plan.md`, fixture.plan ?? '# Plan\n')
  for (const wp of wps) world.write(`${rel}/tasks/${wp}-demo.md`, eol(workPackageText(wp, deps[wp] ?? [])))
  world.write(`${rel}/tasks.md`, eol(fixture.tasksMd ?? tasksText(wps, deps)))
  if (fixture.lanes !== false) world.write(`${rel}/lanes.json`, lanesText(slug, id, target, wps, deps))
  if (fixture.events !== false) {
    const planned = wps.map((wp, i) => eventRow(wp, 'genesis', 'planned', i + 1, bootstrapKeys(slug, id)))
    world.write(`${rel}/status.events.jsonl`, logText(planned))
  }
  return rel
}

function bootstrapKeys(slug: string, id: string | null): JsonObject {
  return { actor: 'finalize-tasks', reason: 'canonical bootstrap', mission_slug: slug, mission_id: id }
}

/** `.kittify/config.yaml` and `metadata.yaml` as the Python edition writes them, where missing. */
export function addProject(world: World): void {
  if (!world.exists('.kittify/config.yaml'))
    world.write('.kittify/config.yaml', 'agents:\n  available:\n  - claude\n  auto_commit: true\n')
  if (!world.exists('.kittify/metadata.yaml'))
    world.write(
      '.kittify/metadata.yaml',
      "spec_kitty:\n  version: 3.2.0\n  schema_version: 3\n  initialized_at: '2026-01-01T00:00:00+00:00'\n",
    )
}

/** One transition as a log row; `n` gives event id and time. `over` replaces keys. */
export function eventRow(wp: string, from: string, to: string, n: number, over: JsonObject = {}): JsonObject {
  return {
    actor: 'claude',
    at: `2026-01-01T00:${String(Math.floor(n / 60)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}.000000+00:00`,
    event_id: `01KQW4DG${String(n).padStart(18, '0')}`,
    evidence: null,
    execution_mode: 'worktree',
    force: false,
    from_lane: from,
    mission_id: MISSION_ID,
    mission_slug: MISSION_SLUG,
    policy_metadata: null,
    reason: null,
    review_ref: null,
    to_lane: to,
    wp_id: wp,
    ...over,
  }
}

/** Appends rows to the mission's log. */
export function appendEvents(world: World, rows: readonly JsonObject[], slug: string = MISSION_SLUG): void {
  appendFileSync(join(world.root, 'kitty-specs', slug, 'status.events.jsonl'), logText(rows))
}

const ROAD = ['planned', 'claimed', 'in_progress', 'for_review', 'in_review', 'approved', 'done'] as const

/** Appends the transitions that bring a planned work package along the road to `lane`, starting at number `n`. */
export function advance(
  world: World,
  wp: string,
  lane: (typeof ROAD)[number],
  n: number,
  slug?: string,
): void {
  const steps = ROAD.slice(0, ROAD.indexOf(lane) + 1)
  const rows = steps.slice(1).map((to, i) => {
    const review = to === 'approved' || to === 'done' ? { evidence: approval(wp) } : {}
    return eventRow(wp, steps[i] ?? 'planned', to, n + i, {
      ...review,
      ...(slug ? { mission_slug: slug } : {}),
    })
  })
  appendEvents(world, rows, slug)
}

function approval(wp: string): JsonObject {
  return { review: { reviewer: 'bob', verdict: 'approved', reference: `review:${wp}` } }
}

function logText(rows: readonly JsonObject[]): string {
  return rows.map(row => `${pythonLine(row)}\n`).join('')
}

/** `json.dumps(row, sort_keys=True)` for ASCII rows. */
function pythonLine(row: JsonObject): string {
  const sorted = (value: JsonObject[string]): string => {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value)
    if (Array.isArray(value)) return `[${value.map(sorted).join(', ')}]`
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([key, item]) => `${JSON.stringify(key)}: ${sorted(item)}`).join(', ')}}`
  }
  return sorted(row)
}

function metaText(slug: string, id: string | null, target: string, fixture: MissionFixture): string {
  const meta: Record<string, unknown> = {
    created_at: '2026-01-01T00:00:00+00:00',
    friendly_name: 'Demo feature',
    ...(id === null ? {} : { mission_id: id }),
    mission_number: fixture.number ?? null,
    mission_slug: slug,
    mission_type: 'software-dev',
    purpose_context: 'ctx',
    purpose_tldr: 'tldr',
    slug,
    target_branch: target,
    ...fixture.meta,
  }
  const keys = Object.keys(meta).sort(compareCodePoints)
  return `${JSON.stringify(Object.fromEntries(keys.map(key => [key, meta[key]])), null, 2)}\n`
}

function workPackageText(wp: string, deps: readonly string[]): string {
  const n = wp.slice(2)
  const low = wp.toLowerCase()
  return `---
work_package_id: ${wp}
title: Title ${wp}
dependencies:${deps.length === 0 ? ' []' : deps.map(dep => `\n- ${dep}`).join('')}
subtasks:
- T${n}1
- T${n}2
execution_mode: code_change
owned_files:
- src/${low}/**
authoritative_surface: src/${low}/
history: []
---

# ${wp}

Body.

## Activity Log

- 2026-01-01T00:00:00Z – system – Prompt created.
`
}

function tasksText(wps: readonly string[], deps: Readonly<Record<string, readonly string[]>>): string {
  const section = (wp: string) => {
    const n = wp.slice(2)
    const needs = deps[wp]?.length ? `**Dependencies**: ${deps[wp].join(', ')}\n\n` : ''
    return `## Work Package ${wp}: Title ${wp}\n\n${needs}- [ ] T${n}1 first\n- [ ] T${n}2 second\n\n`
  }
  return `# Tasks\n\n${wps.map(section).join('')}`
}

function lanesText(
  slug: string,
  id: string | null,
  target: string,
  wps: readonly string[],
  deps: Readonly<Record<string, readonly string[]>>,
): string {
  const laneOf = (wp: string) => `lane-${String.fromCharCode(97 + wps.indexOf(wp))}`
  const lanes = wps.map(wp => ({
    lane_id: laneOf(wp),
    wp_ids: [wp],
    write_scope: [`src/${wp.toLowerCase()}/**`],
    predicted_surfaces: [],
    depends_on_lanes: (deps[wp] ?? []).map(laneOf),
    parallel_group: 0,
  }))
  const manifest = {
    version: 1,
    mission_slug: slug,
    mission_id: id,
    mission_branch: `kitty/mission-${slug}`,
    target_branch: target,
    lanes,
    computed_at: '2026-01-01T00:00:00+00:00',
    computed_from: 'dependency_graph+ownership',
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}
