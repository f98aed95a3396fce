/** The board of a team, by pages. */
import type { SnapshotWorkPackage } from '@spec-kitty/contracts/wire/batch'
import { all, type Op, type Operations, one, type Row } from './operation.ts'
import type { SnapshotCursor } from './store.ts'

/** Projects that one page looks at: each costs a query or two. */
const PROJECTS = 100

export const snapshot: Pick<Operations, 'snapshot'> = {
  *snapshot(team, after, rows) {
    const found: SnapshotWorkPackage[] = []
    let at = after
    for (let looked = 0; looked < PROJECTS && found.length < rows; looked++) {
      const page: readonly Row[] =
        at === null ? [] : yield* all(PAGE, team, at.project, at.mission, at.wp, rows)
      // Several teams may hold the same package: their rows lie side by side, the latest counts.
      const full = page.length === rows
      const groups = grouped(page)
      // The last package of a full page may go on behind it.
      const whole = full && groups.length > 1 ? groups.slice(0, -1) : groups
      found.push(...whole.map(latest))
      const last = whole.at(-1)?.[0]
      if (full && last !== undefined) {
        at = { project: String(last.project), mission: String(last.mission), wp: String(last.wp) }
        continue
      }
      const next: string | undefined = yield* projectAfter(team, at?.project ?? '')
      if (next === undefined) return { workPackages: found, next: undefined }
      at = { project: next, mission: '', wp: '' } satisfies SnapshotCursor
    }
    return { workPackages: found, next: at ?? undefined }
  },
}

/** $1 team, $2 project, after $3 mission and $4 package, $5 most: all holders that the team sees. */
export const PAGE = `SELECT w.* FROM work_packages w WHERE w.project = $2 AND (w.mission, w.wp) > ($3, $4)
  AND (w.team = $1 OR w.team IN (SELECT s.source FROM shares s WHERE s.destination = $1 AND s.project = $2))
  ORDER BY w.mission, w.wp LIMIT $5`

function* projectAfter(team: string, project: string): Op<string | undefined> {
  const own = yield* one(
    'SELECT MIN(project) AS project FROM work_packages WHERE team = $1 AND project > $2',
    team,
    project,
  )
  const shared = yield* one(
    'SELECT MIN(project) AS project FROM shares WHERE destination = $1 AND project > $2',
    team,
    project,
  )
  const both = [own, shared].flatMap(row => (row?.project == null ? [] : [String(row.project)]))
  return both.sort()[0]
}

function grouped(rows: readonly Row[]): readonly (readonly Row[])[] {
  const groups: Row[][] = []
  for (const row of rows) {
    const last = groups.at(-1)
    const first = last?.[0]
    if (first !== undefined && first.mission === row.mission && first.wp === row.wp) last?.push(row)
    else groups.push([row])
  }
  return groups
}

function latest(rows: readonly Row[]): SnapshotWorkPackage {
  const stamp = (row: Row): string => `${String(row.updated_at)} ${String(row.event)}`
  const row = rows.reduce((best, each) => (stamp(each) > stamp(best) ? each : best))
  return {
    project_uuid: String(row.project),
    mission_slug: String(row.mission),
    wp_id: String(row.wp),
    lane: String(row.lane),
    updated_at: String(row.updated_at),
  }
}
