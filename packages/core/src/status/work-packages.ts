/** The work packages a mission has files for, by file name alone: for checks that need no more. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Mission } from '../mission/handle.ts'
import { missionPaths } from '../mission/paths.ts'
import type { Ports } from '../ports.ts'

type Where = Pick<Ports, 'files'>

/** `WP01.md`, `WP01-title.md`, `WP01_title.md` are WP01. Sorted, without repeats. */
export function listWpIds(ports: Where, mission: Pick<Mission, 'dir'>): readonly string[] {
  const names = ports.files.list(missionPaths(mission).tasksDir)
  const ids = names.flatMap(name => /^(WP\d{2,})(?:[-_.].*)?\.md$/.exec(name)?.[1] ?? [])
  return [...new Set(ids)]
}

/** Throws `wp_not_found` for an id that no work package file owns. */
export function requireWp(ports: Where, mission: Pick<Mission, 'dir' | 'rel'>, wpId: string): void {
  const known = listWpIds(ports, mission)
  if (known.includes(wpId)) return
  throw new KittyError('wp_not_found', `Work package '${wpId}' not found under ${mission.rel}/tasks.`, {
    hint:
      known.length === 0
        ? `Write ${mission.rel}/tasks/WP01-title.md first`
        : `There are: ${known.join(', ')}`,
    data: { wp_id: wpId },
  })
}
