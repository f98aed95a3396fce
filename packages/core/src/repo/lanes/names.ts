/** Names of branches and worktrees (docs/lanes.md). Every name is derived here and nowhere else. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { mid8 } from '@spec-kitty/contracts/ids'
import { sh } from '@spec-kitty/contracts/sh'
import { join } from '../../text/paths.ts'
import type { Project } from '../project/locate.ts'

/** The lane of planning work packages: worked on in the checkout itself, on the target branch. */
export const PLANNING_LANE = 'lane-planning'

interface Named {
  /** Name of the mission's directory. */
  readonly slug: string
  readonly id: string | null
}

/**
 * The mission's branch: `kitty/mission-<human slug>-<mid8>`, or the directory name for a mission without an id.
 * `lanes.json` records the name that was given once; merge obeys the record. Throws
 * `branch_identity_unresolved` for a name that carries no identity at all.
 */
export function missionBranch({ slug, id }: Named): string {
  if (id !== null) return `kitty/mission-${humanSlug(slug, id)}-${mid8(id)}`
  if (/^\d{3}-/.test(slug) || /-[0-9A-HJKMNP-TV-Z]{8}$/.test(slug)) return `kitty/mission-${slug}`
  throw new KittyError(
    'branch_identity_unresolved',
    `Mission '${slug}' has neither a mission_id, nor a number, nor an id in its name: its branch cannot be named`,
    {
      hint: sh`Give it an identity: spec-kitty migrate backfill-identity --mission ${slug}`,
      data: { error_code: 'BRANCH_IDENTITY_UNRESOLVED', mission_slug: slug },
    },
  )
}

/** The directory name without its number and without the mission's own mid8. */
export function humanSlug(slug: string, id: string | null): string {
  const bare = slug.replace(/^\d{3}-(?=.)/, '')
  const tail = id === null ? '' : `-${mid8(id)}`
  return tail !== '' && bare.endsWith(tail) ? bare.slice(0, -tail.length) : bare
}

/** The branch of a lane, from the directory name alone; the planning lane has none of its own. */
export function laneBranch({ slug }: Pick<Named, 'slug'>, laneId: string): string {
  return `kitty/mission-${slug}-${laneId}`
}

/** Where a lane is worked on (absolute): its worktree, or the checkout itself for the planning lane. */
export function laneDirectory(project: Project, { slug }: Pick<Named, 'slug'>, laneId: string): string {
  return laneId === PLANNING_LANE ? project.root : join(project.root, laneWorktree({ slug }, laneId))
}

/** The worktree of a code lane, relative to the primary checkout. */
export function laneWorktree({ slug }: Pick<Named, 'slug'>, laneId: string): string {
  return `.worktrees/${slug}-${laneId}`
}

/** The n-th lane (from 0): `lane-a` … `lane-z`, then `lane-aa`, `lane-ab` … as columns of a spreadsheet go on. */
export function laneId(index: number): string {
  let letters = ''
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(97 + ((rest - 1) % 26)) + letters
  }
  return `lane-${letters}`
}
