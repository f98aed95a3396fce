/**
 * Makes a deterministic repository with one mission: `wps` work packages and exactly `events` transitions, all
 * legal. With `lanes`, every work package is approved and a mission branch and lane branches exist, so that a merge
 * has something to do; `files` adds that many other files, `finished` that many copies of the mission that are merged.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const MISSION_ID = '01KBENCHA1B2C3D4E5F6G7H8J9'
export const SLUG = 'bench-01KBENCH'
const START = Date.parse('2026-05-05T12:00:00Z')
const ROAD = ['planned', 'claimed', 'in_progress', 'for_review', 'in_review', 'approved']

const wpId = index => `WP${String(index + 1).padStart(2, '0')}`
const ulid = number => `01KBENCH${String(number).padStart(18, '0')}`
const stamp = number =>
  new Date(START + number * 7000)
    .toISOString()
    .replace('Z', `${String(number % 1000).padStart(3, '0')}+00:00`)

/** A generator of small numbers that is the same everywhere. */
function random(seed) {
  let state = seed
  return limit => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * limit)
  }
}

function event(number, wp, from, to) {
  const approved = to === 'approved'
  const rejected = from === 'in_review' && to === 'in_progress'
  return {
    actor: to === 'planned' ? 'finalize-tasks' : 'claude',
    at: stamp(number),
    event_id: ulid(number),
    evidence: approved
      ? { review: { reference: `review:${wp}`, reviewer: 'codex', verdict: 'approved' } }
      : null,
    execution_mode: 'worktree',
    force: false,
    from_lane: from,
    mission_id: MISSION_ID,
    mission_slug: SLUG,
    policy_metadata: null,
    reason: rejected ? 'changes requested' : null,
    review_ref: rejected ? `review-cycle://${SLUG}/${wp}/review-cycle-1.md` : null,
    to_lane: to,
    wp_id: wp,
  }
}

/** WP01 stays planned, for the benchmark to move; with `approve` all go all the way. */
function makeEvents(wps, events, approve) {
  const at = new Array(wps).fill(-1)
  const log = []
  const move = (index, step) => {
    const from = at[index] < 0 ? 'genesis' : ROAD[at[index]]
    log.push(event(log.length, wpId(index), from, ROAD[step]))
    at[index] = step
  }
  for (let i = 0; i < wps; i++) move(i, 0)
  const next = random(wps * 31 + events)
  const missing = () => (approve ? at.reduce((sum, step) => sum + 5 - step, 0) : 0)
  while (log.length + missing() < events) {
    const index = approve ? next(wps) : 1 + next(Math.max(1, wps - 1))
    // A rejected review goes back, which is how a log gets long.
    move(index % wps, at[index % wps] === 4 ? 2 : at[index % wps] + 1)
  }
  if (approve) for (let i = 0; i < wps; i++) while (at[i] < 5) move(i, at[i] + 1)
  return log
}

/** `json.dumps(row, sort_keys=True)`: the form of a log line. Our rows are ASCII with sorted keys. */
function line(value) {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${line(item)}`)
    .join(', ')}}`
}

function workPackage(index, lanes) {
  const id = wpId(index)
  const needs = index >= lanes ? `\n- ${wpId(index - lanes)}` : ' []'
  const subtasks = [1, 2, 3].map(n => `- T${String(index + 1).padStart(3, '0')}${n}`).join('\n')
  return `---
work_package_id: ${id}
title: Work package ${index + 1}
dependencies:${needs}
requirement_refs:
- FR-001
subtasks:
${subtasks}
execution_mode: code_change
owned_files:
- src/w${index + 1}/**
authoritative_surface: src/w${index + 1}/
history: []
---

# ${id}

${'Implement the part, test it, keep it small.\n'.repeat(40)}
## Activity Log
`
}

function tasksText(wps, lanes, done) {
  const sections = Array.from({ length: wps }, (_, index) => {
    const needs = index >= lanes ? `Depends on ${wpId(index - lanes)}\n\n` : ''
    const rows = [1, 2, 3]
      .map(n => `- [${done ? 'x' : ' '}] T${String(index + 1).padStart(3, '0')}${n} do part ${n}\n`)
      .join('')
    return `\n## ${wpId(index)} - Work package ${index + 1}\n\n${needs}${rows}`
  })
  return `# Tasks\n${sections.join('')}`
}

function lanesText(wps, count) {
  const lanes = Array.from({ length: count }, (_, lane) => {
    const mine = Array.from({ length: wps }, (_, index) => index).filter(index => index % count === lane)
    return {
      lane_id: laneName(lane),
      wp_ids: mine.map(wpId),
      write_scope: mine.map(index => `src/w${index + 1}/**`),
      predicted_surfaces: [],
      depends_on_lanes: [],
      parallel_group: 0,
    }
  })
  const manifest = {
    version: 1,
    mission_slug: SLUG,
    mission_id: MISSION_ID,
    mission_branch: `kitty/mission-${SLUG}`,
    target_branch: 'main',
    lanes,
    computed_at: stamp(0),
    computed_from: 'dependency_graph+ownership',
    planning_artifact_wps: [],
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/** lane-a … lane-z, lane-aa … */
const letters = index =>
  (index < 26 ? '' : letters(Math.floor(index / 26) - 1)) + String.fromCharCode(97 + (index % 26))
const laneName = index => `lane-${letters(index)}`

/** One more row behind those of a log of `number` events: WP01, which the fixture left planned, is taken or given back. */
export function moveRow(number) {
  const wp = 'WP01'
  const [from, lane] = number % 2 === 0 ? ['planned', 'claimed'] : ['claimed', 'planned']
  return { row: `${line(event(number, wp, from, lane))}\n`, wp, lane }
}

/** Makes the repository in an empty or missing directory. */
export function makeMission(root, { wps, events, lanes = 0, files = 0, finished = 0, env }) {
  const git = (...args) => execFileSync('git', args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const write = (path, text) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  mkdirSync(root, { recursive: true })
  git('init', '-q', '-b', 'main')
  git('config', 'gc.auto', '0')
  const mission = `kitty-specs/${SLUG}`
  const width = Math.min(lanes || 4, wps)
  write('.gitignore', '.worktrees/\n.kittify/derived/\n')
  write('.kittify/config.yaml', 'vcs:\n  type: git\nagents:\n  available:\n  - claude\n  auto_commit: true\n')
  write(
    '.kittify/metadata.yaml',
    `spec_kitty:\n  version: 3.2.0\n  schema_version: 3\n  initialized_at: '${stamp(0)}'\n`,
  )
  const meta = {
    created_at: stamp(0),
    friendly_name: 'Bench mission',
    mission_id: MISSION_ID,
    mission_number: null,
    mission_slug: SLUG,
    mission_type: 'software-dev',
    purpose_context: 'Measure things.',
    purpose_tldr: 'Benchmark.',
    slug: SLUG,
    target_branch: 'main',
  }
  write(`${mission}/meta.json`, `${JSON.stringify(meta, null, 2)}\n`)
  write(`${mission}/spec.md`, '# Spec\n\n- **FR-001**: it works.\n')
  write(`${mission}/plan.md`, '# Plan\n')
  write(`${mission}/tasks.md`, tasksText(wps, width, lanes > 0))
  for (let i = 0; i < wps; i++) write(`${mission}/tasks/${wpId(i)}-work.md`, workPackage(i, width))
  write(`${mission}/lanes.json`, lanesText(wps, width))
  write(
    `${mission}/status.events.jsonl`,
    makeEvents(wps, events, lanes > 0)
      .map(row => `${line(row)}\n`)
      .join(''),
  )
  for (let i = 0; i < files; i++) write(`other/${i % 50}/file-${i}.txt`, `file ${i}\n`)
  for (let i = 0; i < finished; i++) {
    const slug = `old-${i}-01KOLD${String(i).padStart(4, '0')}`
    cpSync(join(root, mission), join(root, 'kitty-specs', slug), { recursive: true })
    const merged = {
      mission_slug: slug,
      slug,
      mission_id: ulid(i),
      merged_at: stamp(i),
      mission_number: i + 1,
    }
    write(`kitty-specs/${slug}/meta.json`, `${JSON.stringify({ ...meta, ...merged }, null, 2)}\n`)
  }
  git('add', '-A')
  git('commit', '-q', '-m', 'Bench mission')
  if (lanes > 0) makeBranches(git, write, wps, width)
}

function makeBranches(git, write, wps, lanes) {
  const branch = `kitty/mission-${SLUG}`
  git('branch', branch)
  for (let lane = 0; lane < lanes; lane++) {
    git('checkout', '-q', '-b', `${branch}-${laneName(lane)}`, branch)
    for (let index = lane; index < wps; index += lanes)
      write(`src/w${index + 1}/code.txt`, `${wpId(index)}\n`)
    git('add', '-A')
    git('commit', '-q', '-m', `Work of ${laneName(lane)}`)
  }
  git('checkout', '-q', 'main')
}
