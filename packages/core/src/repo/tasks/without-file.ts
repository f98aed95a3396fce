/** Work packages that have a lane and no file: nobody can begin or review them, and nothing is finished with them. */
import { unlessRefused } from '@spec-kitty/contracts/errors'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { wpKey } from '../../text/wp-id.ts'
import type { Ports } from '../../world/ports.ts'
import { readLanes } from '../lanes/manifest.ts'
import type { Mission } from '../mission/handle.ts'
import { putBack } from '../project/put-back.ts'
import { listWpFiles, type WpFile } from './work-package.ts'

/** Their ids. A lanes.json that cannot be read says nothing of them: whoever needs it refuses. */
export function packagesWithoutFile(
  ports: Pick<Ports, 'files' | 'kept'>,
  mission: Pick<Mission, 'dir'>,
  files: readonly WpFile[] = listWpFiles(ports, mission),
): readonly string[] {
  const known = new Set(files.map(({ id }) => wpKey(id)))
  const lanes = unlessRefused(
    () => readLanes(ports, mission),
    () => undefined,
  )
  return (lanes?.lanes.flatMap(lane => lane.wp_ids) ?? []).filter(id => !known.has(wpKey(id)))
}

/** What puts the file of a package back. */
export function fileBack(wpId: string, { rel }: Pick<Mission, 'rel'>): Remedy {
  return putBack(`:(glob)${rel}/tasks/${wpId}[-_.]*`)
}

/** The sentence about one of them. */
export function withoutFile(wpId: string, mission: Pick<Mission, 'slug' | 'rel'>): string {
  const again = sh`spec-kitty agent mission finalize-tasks --mission ${mission.slug}`
  return `${wpId} is in lanes.json, but has no file tasks/${wpId}-….md. Put it back: ${fileBack(wpId, mission)}; when it is given up, take its section out of tasks.md, then: ${again}`
}
