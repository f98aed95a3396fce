/** `dashboard --json`: all missions by identity, as other programs ask for them. */
import type { DashboardRegistry } from '@spec-kitty/contracts/dashboard/legacy'
import { mid8 } from '@spec-kitty/contracts/ids'
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { listMissions, type Mission } from '../repo/mission/handle.ts'
import { locateProject, requireKittify } from '../repo/project/locate.ts'
import type { Ports } from '../world/ports.ts'

/** Numbered missions first, then the others by name. Throws `not_a_repository`, `no_project`. */
export function dashboardRegistry(ports: Pick<Ports, 'env' | 'files'>): DashboardRegistry {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const rows = listMissions(ports, project)
    .map(mission => [keyOf(mission), mission] as const)
    .sort(([, a], [, b]) => order(a) - order(b) || compareCodePoints(a.slug, b.slug))
  return {
    missions: Object.fromEntries(
      rows.map(([key, mission]) => [
        key,
        {
          mission_id: key,
          mission_slug: mission.slug,
          display_number: mission.number,
          mid8: mission.id === null ? null : mid8(mission.id),
          feature_dir: mission.dir,
        },
      ]),
    ),
    display_order: rows.map(([key]) => key),
  }
}

function keyOf({ id, number, slug }: Mission): string {
  return id ?? `${number === null ? 'orphan' : 'legacy'}:${slug}`
}

function order({ number }: Mission): number {
  return number ?? Number.POSITIVE_INFINITY
}
