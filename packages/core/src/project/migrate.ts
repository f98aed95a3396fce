/** `migrate backfill-identity`: an id for missions that are older than ids. */
import type { MigrateBackfillIdentity } from '@spec-kitty/contracts/cli/migrate-backfill-identity'
import { type JsonObject, parseObject, printSorted } from '@spec-kitty/contracts/json'
import { listMissions, type Mission, resolveMission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { readConfig } from '../repo/project/config.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import { join } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { refuseProtected } from '../write/commit.ts'
import { transact } from '../write/transact.ts'

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
  const content = printSorted({
    ...meta,
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
  const project = locateProject(ports)
  requireKittify(ports, project)
  const all = listMissions(ports, project)
  const only = input.mission === undefined ? undefined : slugOf(ports, project, input.mission)
  const missions = only === undefined ? all : all.filter(({ slug }) => slug === only)
  const dryRun = input.dryRun === true
  const commit = input.commit === true && !dryRun
  if (commit) refuseProtected(ports, project, await readConfig(ports, project), true)
  const rows: Row[] = []
  for (const mission of missions) {
    const { meta } = missionPaths(mission)
    const plan = () => {
      const before = ports.files.text(meta)
      const { row, content } = planBackfill(mission, before, ports.ids.ulid())
      const changes: Change[] =
        content === undefined ? [] : [{ kind: 'write_file', path: meta, content, expect: before ?? null }]
      return { changes, result: row }
    }
    const needed = plan().result.action === 'wrote' && !dryRun
    rows.push(needed ? await transact(ports, project, mission, plan) : plan().result)
  }
  const paths = rows.filter(row => row.action === 'wrote').map(row => `${project.root}/${row.path}`)
  const committed = commit && paths.length > 0
  const message = 'Give missions their ids'
  if (committed) await ports.apply([{ kind: 'commit', checkout: project.top, paths, message }])
  return { dry_run: dryRun, summary: summarize(rows), results: rows, committed }
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
