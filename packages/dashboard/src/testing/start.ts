/** The dashboard's server for a test world, without a built page. */
import { join } from 'node:path'
import { locateProject } from '@spec-kitty/core/repo/project/locate'
import type { World } from '@spec-kitty/host/testing/world'
import { readAssets } from '../assets.ts'
import { type Dashboard, startDashboard } from '../server.ts'

export const KEYS = { token: 'a'.repeat(32), cookie: 'b'.repeat(32), request: 'c'.repeat(32) }

/** On a free port, acting as Ann with KEYS. */
export function startTestDashboard({ ports, dir }: World, acted?: () => void): Promise<Dashboard> {
  return startDashboard(ports, {
    project: locateProject(ports),
    version: '1',
    user: 'Ann',
    host: undefined,
    port: 0,
    readOnly: false,
    assets: readAssets(join(dir, 'none')),
    keys: KEYS,
    stop: () => {},
    acted,
  })
}
