/** `agent tasks map-requirements`: which work package brings which requirement; all checks before the first write. */
import type { MapRequirements } from '@spec-kitty/contracts/cli/map-requirements'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Sha } from '@spec-kitty/contracts/ids'
import { compareCodePoints, isArray, isObject, type JsonObject, parseJson } from '@spec-kitty/contracts/json'
import { joined, listed, part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import type { Mission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { editFrontMatter, type FieldEdits, printFrontMatter } from '../repo/tasks/front-matter.ts'
import { plainWords, refList } from '../repo/tasks/lists.ts'
import { requirementIds } from '../repo/tasks/requirements.ts'
import { requireWorkPackages, type WorkPackage } from '../repo/tasks/work-package.ts'
import { readWpId, sameWp, spelling } from '../text/wp-id.ts'
import type { Change } from '../world/change.ts'
import { rewrite } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { write } from '../write/write.ts'

export interface MapRequirementsInput {
  readonly wp?: string | undefined
  /** Comma-separated. */
  readonly refs?: string | undefined
  /** JSON: work package → list of ids. */
  readonly batch?: string | undefined
  readonly trackerRef?: readonly string[] | undefined
  /** Instead of adding to what is there. */
  readonly replace?: boolean | undefined
  readonly mission?: string | undefined
  readonly autoCommit?: boolean | undefined
}

/** Work package → ids, as asked for: upper case. */
type Mapping = ReadonlyMap<string, readonly string[]>

/** Throws `invalid_input` with the keys of 3.2.0: `unknown_wps`, `unknown_refs`, `malformed_refs`, `stale_refs`. */
export async function mapRequirements(ports: Ports, input: MapRequirementsInput): Promise<MapRequirements> {
  const given = readMapping(input)
  return write<MapRequirements>(ports, input, async ({ mission }) => {
    const packages = await requireWorkPackages(ports, mission)
    const known = requirementIds(ports.files.text(missionPaths(mission).spec) ?? '')
    const spell = spelling(packages.map(item => item.id))
    const asked: Mapping = new Map([...given].map(([wp, refs]) => [spell(wp), refs]))
    requireKnown(asked, packages, known)
    const after = mapAll(packages, asked, input.replace === true)
    requireNoStale(after, known, mission)
    const trackers = trackersOf(packages, input)
    const answer = describe(mission, asked, after, known, trackers)
    return {
      files: await planFiles(ports, packages, asked, after, trackers),
      message: `chore: Map requirements for ${[...asked.keys()].join(', ')} on spec ${mission.slug}`,
      answer: { ...answer, committed: false, commit_sha: null },
      committed: (commit: Sha) => ({ ...answer, committed: true, commit_sha: commit }),
    }
  })
}

function readMapping(input: MapRequirementsInput): Mapping {
  const { wp, refs, batch, trackerRef = [] } = input
  const usage = sh`Use --wp WP01 --refs FR-001,FR-002, or --batch '{"WP01": ["FR-001"]}'`
  if (batch !== undefined && (wp !== undefined || refs !== undefined)) {
    throw refuse('--batch cannot be combined with --wp and --refs', usage)
  }
  if (batch !== undefined) return readBatch(batch, usage)
  if (wp === undefined || (refs === undefined && trackerRef.length === 0)) {
    throw refuse('Nothing to map: give --wp with --refs or --tracker-ref, or --batch', usage)
  }
  const ids = refList(refs ?? '').read
  return new Map([[readWpId(wp) ?? wp.toUpperCase(), ids]])
}

function readBatch(text: string, usage: Remedy): Mapping {
  let value: unknown
  try {
    value = parseJson(text)
  } catch (cause) {
    throw refuse(`--batch is not JSON: ${cause instanceof Error ? cause.message : text}`, usage)
  }
  if (!isObject(value)) throw refuse('--batch is no JSON object', usage)
  return new Map(
    Object.entries(value).map(([wp, refs]) => {
      if (!isArray(refs) && typeof refs !== 'string') throw refuse(`--batch: ${wp} has no list of ids`, usage)
      return [readWpId(wp) ?? wp.toUpperCase(), refList(refs).read]
    }),
  )
}

function refuse(message: string, hint: Remedy, data: JsonObject = {}): KittyError {
  return new KittyError('invalid_input', message, { hint, data })
}

function requireKnown(asked: Mapping, packages: readonly WorkPackage[], known: readonly string[]): void {
  const ids = packages.map(item => item.id)
  const unknownWps = [...asked.keys()].filter(wp => !ids.includes(wp))
  if (unknownWps.length > 0) {
    throw refuse('Unknown WP IDs', sh`There are: ${listed(ids)}`, { unknown_wps: unknownWps })
  }
  const refs = [...new Set([...asked.values()].flat())]
  const malformed = refs.filter(ref => !/^(?:FR|NFR|C)-\d+$/.test(ref))
  if (malformed.length > 0) {
    const hint = sh`FR-001, NFR-001 or C-001, not ${listed(malformed)}`
    throw refuse('Invalid requirement ref format', hint, { malformed_refs: malformed })
  }
  const unknown = refs.filter(ref => !known.includes(ref))
  if (unknown.length === 0) return
  const hint = sh`spec.md does not name ${listed(unknown)}; it has ${part(known.length === 0 ? sh`no requirements` : sh`${listed(known)}`)}`
  throw refuse('Invalid requirement refs', hint, { unknown_refs: unknown })
}

function mapAll(packages: readonly WorkPackage[], asked: Mapping, replace: boolean): Mapping {
  return new Map(
    packages.map(({ id, path, file }) => {
      const before = asked.has(id)
        ? plainWords({ path, file }, 'requirement_refs')
        : refList(file.fields.requirement_refs).read
      const more = asked.get(id)
      const all = more === undefined ? before : replace && more.length > 0 ? more : [...before, ...more]
      return [id, [...new Set(all)].sort(compareCodePoints)]
    }),
  )
}

function requireNoStale(after: Mapping, known: readonly string[], { rel }: Mission): void {
  const stale = [...after].flatMap(([wp, refs]) => {
    const gone = refs.filter(ref => !known.includes(ref))
    return gone.length === 0 ? [] : [[wp, gone] as const]
  })
  if (stale.length === 0) return
  const list = joined(
    stale.map(([wp, refs]) => sh`${wp}: ${listed(refs)}`),
    '; ',
  )
  const hint = sh`${rel}/spec.md no longer names them (${part(list)}). Map those work packages anew with --replace`
  throw refuse('Stale or invalid refs in WP frontmatter', hint, { stale_refs: Object.fromEntries(stale) })
}

function trackersOf(packages: readonly WorkPackage[], input: MapRequirementsInput): Mapping {
  const { trackerRef = [], wp } = input
  if (trackerRef.length === 0) return new Map()
  const item = packages.find(({ id }) => sameWp(id, wp ?? ''))
  const before = item === undefined ? [] : plainWords(item, 'tracker_refs')
  return new Map(item === undefined ? [] : [[item.id, [...new Set([...before, ...trackerRef])]]])
}

async function planFiles(
  ports: Pick<Ports, 'yaml'>,
  packages: readonly WorkPackage[],
  asked: Mapping,
  after: Mapping,
  trackers: Mapping,
): Promise<readonly Change[]> {
  const changes: Change[] = []
  for (const { id, path, file } of packages) {
    const refs = (asked.get(id)?.length ?? 0) > 0 ? { requirement_refs: after.get(id) ?? [] } : {}
    const tracker = trackers.get(id)
    const edits: FieldEdits = { ...refs, ...(tracker === undefined ? {} : { tracker_refs: tracker }) }
    const edited = await editFrontMatter(ports, file, edits)
    changes.push(...rewrite(path, printFrontMatter(file), printFrontMatter(edited)))
  }
  return changes
}

function describe(
  mission: Mission,
  asked: Mapping,
  after: Mapping,
  known: readonly string[],
  trackers: Mapping,
): Omit<MapRequirements, 'committed' | 'commit_sha'> {
  const functional = known.filter(id => id.startsWith('FR-'))
  const used = new Set([...after.values()].flat())
  const unmapped = functional.filter(id => !used.has(id))
  return {
    result: 'success',
    mission_slug: mission.slug,
    mission_number: mission.number,
    mission_type: mission.type,
    mapped: record(asked),
    total_mappings: record(new Map([...after].filter(([, refs]) => refs.length > 0))),
    coverage: {
      total_functional: functional.length,
      mapped_functional: functional.length - unmapped.length,
      unmapped_functional: unmapped,
    },
    ...(trackers.size > 0 ? { tracker_refs: record(trackers) } : {}),
  }
}

function record(mapping: Mapping): Record<string, string[]> {
  return Object.fromEntries([...mapping].map(([wp, refs]) => [wp, [...refs]]))
}
