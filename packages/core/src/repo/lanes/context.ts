/**
 * Workspace context files, `.kittify/workspaces/<slug>-<lane>.json` (docs/lanes.md): written for
 * the Python edition, which reads them; a cache that nothing here depends on.
 */
import type { ExecutionLane } from '@spec-kitty/contracts/files/lanes-json'
import { isArray, isObject, type Json, parseObject, printOrdered } from '@spec-kitty/contracts/json'
import { basename, join } from '../../text/paths.ts'
import type { Mission } from '../mission/handle.ts'
import { laneBranch, laneWorktree } from './names.ts'

export interface WorkspaceContext {
  readonly wp_id: string
  readonly mission_slug: string
  /** Relative to the primary checkout. */
  readonly worktree_path: string
  readonly branch_name: string
  readonly base_branch: string | null
  readonly base_commit: string | null
  readonly dependencies: readonly string[]
  readonly created_at: string | null
  readonly created_by: string
  readonly vcs_backend: string
  readonly lane_id: string
  readonly lane_wp_ids: readonly string[]
  readonly current_wp: string | null
  readonly lane_test_env: Readonly<Record<string, string>>
}

/** The directory of the context files, ignored by git. */
export function contextsDir(primary: string): string {
  return join(primary, '.kittify', 'workspaces')
}

export function contextPath(primary: string, slug: string, laneId: string): string {
  return join(contextsDir(primary), `${slug}-${laneId}.json`)
}

/** Settings for the lane's own test resources, so that parallel lanes do not share a database. */
export function laneTestEnv(slug: string, laneId: string): Readonly<Record<string, string>> {
  return { SPEC_KITTY_TEST_DB_NAME: `test_${slug}_${laneId}`.replaceAll('-', '_') }
}

/** What a context file says of the lane that its manifest does not. */
export type ContextFacts = Pick<
  WorkspaceContext,
  'wp_id' | 'current_wp' | 'base_branch' | 'base_commit' | 'dependencies' | 'created_at' | 'created_by'
>

/** The bytes of the context file of a lane. */
export function printContext(
  mission: Pick<Mission, 'slug' | 'id'>,
  { lane_id, wp_ids }: Pick<ExecutionLane, 'lane_id' | 'wp_ids'>,
  about: ContextFacts,
): string {
  return printOrdered({
    wp_id: about.wp_id,
    mission_slug: mission.slug,
    worktree_path: laneWorktree(mission, lane_id),
    branch_name: laneBranch(mission, lane_id),
    base_branch: about.base_branch,
    base_commit: about.base_commit,
    dependencies: about.dependencies,
    created_at: about.created_at,
    created_by: about.created_by,
    vcs_backend: 'git',
    lane_id,
    lane_wp_ids: wp_ids,
    current_wp: about.current_wp,
    lane_test_env: laneTestEnv(mission.slug, lane_id),
  })
}

/** Reads a context file of either edition; undefined when it is not one. Absent keys get plain defaults. */
export function parseContext(path: string, text: string): WorkspaceContext | undefined {
  const raw = parseObject(text)
  const wp = raw?.wp_id
  const slug = raw?.mission_slug
  if (raw === undefined || typeof wp !== 'string' || typeof slug !== 'string') return undefined
  const name = basename(path).replace(/\.json$/, '')
  const lane = words(raw.lane_id) ?? (name.startsWith(`${slug}-`) ? name.slice(slug.length + 1) : '')
  return {
    wp_id: wp,
    mission_slug: slug,
    worktree_path: words(raw.worktree_path) ?? `.worktrees/${name}`,
    branch_name: words(raw.branch_name) ?? '',
    base_branch: words(raw.base_branch) ?? null,
    base_commit: words(raw.base_commit) ?? null,
    dependencies: list(raw.dependencies),
    created_at: words(raw.created_at) ?? null,
    created_by: words(raw.created_by) ?? '',
    vcs_backend: words(raw.vcs_backend) ?? 'git',
    lane_id: lane,
    lane_wp_ids: list(raw.lane_wp_ids),
    current_wp: words(raw.current_wp) ?? null,
    lane_test_env: environment(raw.lane_test_env),
  }
}

function words(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function list(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.filter(item => typeof item === 'string') : []
}

function environment(value: Json | undefined): Readonly<Record<string, string>> {
  if (!isObject(value)) return {}
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
}
