/** `migrate backfill-identity`: an id for missions that are older than ids. */
import type { MigrateBackfillIdentity } from '@spec-kitty/contracts/cli/migrate-backfill-identity'
import { type JsonObject, parseObject, printSorted } from '@spec-kitty/contracts/json'
import { listMissions, type Mission, resolveMission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { locateProject, type Project } from '../repo/project/locate.ts'
import { editJson } from '../text/json-edit.ts'
import { join } from '../text/paths.ts'
import { type Change, rewrite } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { rehearse } from '../write/rehearse.ts'
import { writeProject } from '../write/write.ts'

export interface BackfillInput {
  readonly mission?: string | undefined
  readonly dryRun?: boolean | undefined
  /** Commit what was written; only when asked. */
  readonly commit?: boolean | undefined
}

type Row = MigrateBackfillIdentity['results'][number]

/** What becomes of one meta.json: pure. `before` is its text; undefined where there is none. */
export function planBackfill(
  mission: Pick<Mission, 'slug' | 'rel'>,
  before: string | undefined,
  id: string,
): { readonly row: Row; readonly content?: string } {
  const row = {
    slug: mission.slug,
    path: `${mission.rel}/meta.json`,
    mission_id: null,
    number_coerced: false,
  }
  const meta = before === undefined ? freshMeta(mission.slug) : parseObject(before)
  if (meta === undefined)
    return { row: { ...row, action: 'error', reason: 'meta.json is not a JSON object' } }
  const number = readNumber(meta.mission_number)
  const has = typeof meta.mission_id === 'string' && meta.mission_id !== ''
  const missionId = has ? String(meta.mission_id) : id
  if (has && number === undefined)
    return { row: { ...row, action: 'skip', mission_id: missionId, reason: 'has an id' } }
  const content = editJson(before ?? printSorted(meta), {
    mission_id: missionId,
    ...(number === undefined ? {} : { mission_number: number }),
  })
  const coerced = number !== undefined && before !== undefined
  return {
    row: { ...row, action: 'wrote', mission_id: missionId, number_coerced: coerced, reason: null },
    content,
  }
}

/** The least a mission without meta.json needs; its number is that of its directory. */
function freshMeta(slug: string): JsonObject {
  return {
    mission_number: /^(\d{3})-/.exec(slug)?.[1] ?? null,
    mission_slug: slug,
    mission_type: 'software-dev',
    slug,
  }
}

/** A number written as text, as a number; undefined when there is nothing to change. */
function readNumber(value: unknown): number | undefined {
  return typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : undefined
}

/** Throws what naming a mission throws, `protected_branch` when a commit was asked for, `merge_in_progress`. */
export async function backfillIdentity(ports: Ports, input: BackfillInput): Promise<MigrateBackfillIdentity> {
  const dryRun = input.dryRun === true
  const stage = dryRun ? rehearse(ports).ports : ports
  const { missions, needing } = needs(stage, input.mission)
  const options = { autoCommit: input.commit === true, missions: needing }
  return await writeProject<MigrateBackfillIdentity>(stage, options, () => {
    const { rows, changes } = planIds(stage, missions)
    const answer = { dry_run: dryRun, summary: summarize(rows), results: [...rows] }
    return {
      files: changes,
      message: 'Give missions their ids',
      answer: { ...answer, committed: false },
      committed: () => ({ ...answer, committed: true }),
    }
  })
}

/** The missions that a handle means, all without one, and the slugs of those that will be written to. */
export function needs(
  ports: Ports,
  handle?: string,
): { readonly missions: readonly Mission[]; readonly needing: readonly string[] } {
  const project = locateProject(ports)
  const all = listMissions(ports, project)
  const only = handle === undefined ? undefined : slugOf(ports, project, handle)
  const missions = only === undefined ? all : all.filter(({ slug }) => slug === only)
  const rows = planIds(ports, missions).rows.filter(row => row.action === 'wrote')
  return { missions, needing: rows.map(row => row.slug) }
}

/** What becomes of these missions; to be read under their locks. */
export function planIds(
  ports: Ports,
  missions: readonly Mission[],
): { readonly rows: readonly Row[]; readonly changes: readonly Change[] } {
  const plans = missions.map(mission => {
    const { meta } = missionPaths(mission)
    const before = ports.files.text(meta)
    const { row, content } = planBackfill(mission, before, ports.ids.ulid())
    return { row, changes: content === undefined ? [] : rewrite(meta, before, content) }
  })
  return { rows: plans.map(plan => plan.row), changes: plans.flatMap(plan => plan.changes) }
}

/** The directory of a handle, also where its meta.json is broken: the answer says so. */
function slugOf(ports: Ports, project: Project, handle: string): string {
  const isDirectory = ports.files.stat(join(project.root, 'kitty-specs', handle))?.kind === 'directory'
  return isDirectory ? handle : resolveMission(ports, project, handle).slug
}

function summarize(rows: readonly Row[]): MigrateBackfillIdentity['summary'] {
  const count = (action: Row['action']) => rows.filter(row => row.action === action).length
  return {
    total: rows.length,
    wrote: count('wrote'),
    skip: count('skip'),
    error: count('error'),
    number_coerced: rows.filter(row => row.number_coerced).length,
    dossier_warnings: 0,
  }
}
