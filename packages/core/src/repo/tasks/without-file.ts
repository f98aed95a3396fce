/** Work packages that have a lane and no file: nobody can begin or review them, and nothing is finished with them. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import { sh } from '@spec-kitty/contracts/sh'
import { wpKey } from '../../text/wp-id.ts'
import type { Ports } from '../../world/ports.ts'
import { readLanes } from '../lanes/manifest.ts'
import type { Mission } from '../mission/handle.ts'
import { listWpFiles, type WpFile } from './work-package.ts'

/** Their ids. A lanes.json that cannot be read says nothing of them: whoever needs it refuses. */
export function packagesWithoutFile(
  ports: Pick<Ports, 'files' | 'kept'>,
  mission: Pick<Mission, 'dir'>,
  files: readonly WpFile[] = listWpFiles(ports, mission),
): readonly string[] {
  const known = new Set(files.map(({ id }) => wpKey(id)))
  const laned = lanesOf(ports, mission)?.lanes.flatMap(lane => lane.wp_ids) ?? []
  return laned.filter(id => !known.has(wpKey(id)))
}

function lanesOf(ports: Pick<Ports, 'files'>, mission: Pick<Mission, 'dir'>): LanesJson | undefined {
  try {
    return readLanes(ports, mission)
  } catch (error) {
    if (error instanceof KittyError) return undefined
    throw error
  }
}

/** The sentence about one of them. */
export function withoutFile(wpId: string, { slug }: Pick<Mission, 'slug'>): string {
  return `${wpId} is in lanes.json, but has no file tasks/${wpId}-….md. Put it back; when it is given up: ${sh`spec-kitty agent mission finalize-tasks --mission ${slug}`}`
}
