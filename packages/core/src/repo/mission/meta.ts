/** Changes to meta.json: other tools keep keys of their own in it. */
import { type Json, printSorted } from '@spec-kitty/contracts/json'
import { editJson } from '../../text/json-edit.ts'
import { type Change, rewrite } from '../../world/change.ts'
import type { Ports } from '../../world/ports.ts'
import type { Mission } from './handle.ts'
import { missionPaths } from './paths.ts'

/**
 * Sets keys of a mission's meta.json, or removes those that are undefined; every other byte stays. No change where it
 * says so already. To be called under the mission's lock.
 */
export function editMeta(
  ports: Pick<Ports, 'files'>,
  mission: Mission,
  values: Readonly<Record<string, Json | undefined>>,
): readonly Change[] {
  const { meta: path } = missionPaths(mission)
  const before = ports.files.text(path)
  return rewrite(path, before, editJson(before ?? printSorted({}), values))
}
