/** Ids and numbers of missions: who is who, and who could be taken for another. */
import type { DoctorIdentity } from '@spec-kitty/contracts/cli/doctor'
import { isUlid, mid8 } from '@spec-kitty/contracts/ids'
import { isObject, parseJson } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { type Finding, finding, mendable, restorable } from '../repo/finding.ts'
import { type Mission, metaRestore } from '../repo/mission/handle.ts'
import { join } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'

/** Assigned: id and number. Pending: id, no number. Legacy: number, no id. Orphan: neither. */
export type IdentityState = DoctorIdentity['missions'][number]['state']

export function identityState({ id, number }: Pick<Mission, 'id' | 'number'>): IdentityState {
  if (id !== null) return number === null ? 'pending' : 'assigned'
  return number === null ? 'orphan' : 'legacy'
}

/** Why meta.json cannot be used: `missing`, or what is wrong with it; undefined when it can. */
export function metaFault(ports: Pick<Ports, 'files'>, mission: Pick<Mission, 'dir'>): string | undefined {
  const text = ports.files.text(join(mission.dir, 'meta.json'))
  if (text === undefined) return 'missing'
  try {
    return isObject(parseJson(text)) ? undefined : 'it is not a JSON object'
  } catch (error) {
    return error instanceof Error ? error.message : 'it is not JSON'
  }
}

/** Findings about single missions and about pairs of them. */
export function identityFindings(
  ports: Pick<Ports, 'files'>,
  missions: readonly Mission[],
): readonly Finding[] {
  const single = missions.flatMap(mission =>
    ownFindings(ports, mission).map(found => ({ ...found, mission: mission.slug })),
  )
  return [...single, ...sharedIds(missions), ...sharedNames(missions)]
}

function ownFindings(ports: Pick<Ports, 'files'>, mission: Mission): readonly Finding[] {
  const path = `${mission.rel}/meta.json`
  const fault = metaFault(ports, mission)
  if (fault === 'missing') {
    const message = `${mission.slug} has no meta.json`
    return [
      mendable(
        { code: 'meta_missing', severity: 'warning', path, message },
        { kind: 'identity', slug: mission.slug },
      ),
    ]
  }
  if (fault !== undefined) {
    const message = `Cannot read ${path}: ${fault}`
    return [
      restorable(
        { code: 'meta_malformed', severity: 'error', path, message },
        metaRestore(join(mission.dir, 'meta.json')),
      ),
    ]
  }
  if (mission.id === null) {
    const message = `${mission.slug} has no mission_id`
    return [
      mendable(
        { code: 'identity_missing', severity: 'warning', path, message },
        { kind: 'identity', slug: mission.slug },
      ),
    ]
  }
  if (isUlid(mission.id)) return []
  const message = `The mission_id of ${mission.slug} is not a ULID: ${mission.id}`
  return [
    finding(
      { code: 'identity_malformed', severity: 'warning', path, message },
      sh`Take the right one from: git log -p -- ${path}`,
    ),
  ]
}

function sharedIds(missions: readonly Mission[]): readonly Finding[] {
  return groups(missions, mission => mission.id ?? undefined).map(([id, found]) => {
    const message = `${namesOf(found)} have the same mission_id ${id}: events and branches of one would be taken for the other's`
    const fix = sh`Take "mission_id" out of the copy's meta.json, then: spec-kitty migrate backfill-identity`
    return finding({ code: 'identity_duplicate', severity: 'error', path: pathOf(found), message }, fix)
  })
}

/** A number or mid8 that means several missions is still usable elsewhere: only this handle is not. */
function sharedNames(missions: readonly Mission[]): readonly Finding[] {
  return Object.entries(ambiguousSelectors(missions)).map(([handle, slugs]) => {
    const message = `The handle '${handle}' may mean ${slugs.join(' or ')}`
    const fix = sh`Use the full directory name`
    return finding(
      { code: 'handle_ambiguous', severity: 'info', path: `kitty-specs/${slugs[0]}`, message },
      fix,
    )
  })
}

/** Handles that name more than one mission: numbers, mid8s, slugs without number. */
export function ambiguousSelectors(missions: readonly Mission[]): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  const kinds = [
    (mission: Mission) => (mission.number === null ? undefined : String(mission.number)),
    (mission: Mission) => (mission.id === null ? undefined : mid8(mission.id)),
    (mission: Mission) => mission.slug.replace(/^\d{3}-/, ''),
  ]
  for (const handleOf of kinds) {
    for (const [handle, group] of groups(missions, handleOf))
      found[handle] = group.map(mission => mission.slug)
  }
  return found
}

/** Number prefixes of directories that several missions have. */
export function duplicatePrefixes(missions: readonly Mission[]): Record<string, string[]> {
  const shared = groups(missions, mission => /^(\d{3})-/.exec(mission.slug)?.[1])
  return Object.fromEntries(shared.map(([prefix, group]) => [prefix, group.map(mission => mission.slug)]))
}

function groups(
  missions: readonly Mission[],
  keyOf: (mission: Mission) => string | undefined,
): readonly (readonly [string, readonly Mission[]])[] {
  const byKey = new Map<string, Mission[]>()
  for (const mission of missions) {
    const key = keyOf(mission)
    if (key !== undefined) byKey.set(key, [...(byKey.get(key) ?? []), mission])
  }
  return [...byKey].filter(([, found]) => found.length > 1)
}

function namesOf(missions: readonly Mission[]): string {
  return missions.map(mission => mission.slug).join(' and ')
}

function pathOf(missions: readonly Mission[]): string | null {
  const last = missions.at(-1)
  return last === undefined ? null : `${last.rel}/meta.json`
}
