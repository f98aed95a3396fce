/** A landing that was pushed, looked for on the target as this repository knows it. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { LandingRecord } from '@spec-kitty/contracts/files/landing'
import type { Sha } from '@spec-kitty/contracts/ids'
import { sh } from '@spec-kitty/contracts/sh'
import { arrivals } from '../repo/lanes/arrival.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { landingRecord, landingShelf, targetRefs } from '../repo/mission/landing.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import type { Project } from '../repo/project/locate.ts'
import type { Objects, Ports } from '../world/ports.ts'
import { type Arrived, hasRows, missingFiles, type Place, recognise, verdicts } from './recognise.ts'

export interface Found extends Arrived {
  /** What was pushed; undefined where this repository does not have it (another one pushed it, the branch is gone). */
  readonly head: Sha | undefined
  /** Where the target stands. */
  readonly tip: Sha
}

export interface Awaited {
  readonly record: LandingRecord | undefined
  /** The target. */
  readonly target: string
  /** References of pushes, by commit. */
  readonly shelf: ReadonlyMap<string, Sha>
  readonly found: Found | undefined
  /** Files that are not on the target as they were pushed. */
  readonly missing: readonly string[]
}

interface Where {
  readonly project: Project
  readonly mission: Mission
  readonly objects: Objects
}

/**
 * Whether what was pushed last has arrived on these tips of the target: three git processes, four where others changed the
 * same files. For readers.
 */
export async function lookFor(
  ports: Ports,
  where: Where,
  record: LandingRecord,
  tips: readonly Sha[],
): Promise<Found | undefined> {
  return await firstArrival(ports, where, { record, heads: [record.head as Sha], tips }, undefined)
}

/**
 * Looks at the target's remote branch as of the last fetch, then at the local one. `only`: look no further than this commit.
 * Throws `not_landed` where nothing was pushed, `invalid_input` for a commit that is not on the target.
 */
export async function findArrival(ports: Ports, where: Where, only: string | undefined): Promise<Awaited> {
  const { project, mission, objects } = where
  const record = landingRecord(ports, project, mission)
  const shelf = await ports.git.refs(project.top, [landingShelf(mission)])
  const heads = [...new Set([...(record ? [record.head as Sha] : []), ...[...shelf.values()].reverse()])]
  if (heads.length === 0) throw neverPushed(mission)
  const target = record?.target ?? mission.targetBranch
  const refs = await targetTips(ports, project, record, target)
  const known = await present(objects, heads)
  const wanted = only === undefined ? undefined : await onTarget(ports, project, only, refs, target)
  const found = await firstArrival(ports, where, { record, heads, tips: refs }, wanted)
  if (found !== undefined) return { record, target, shelf, missing: [], found }
  const [tip] = refs
  const head = heads.find(one => known.has(one))
  const place: Place = { git: ports.git, objects, top: project.top, mission }
  const missing = tip === undefined || head === undefined ? [] : await missingFiles(place, head, tip)
  return { record, target, shelf, missing, found: undefined }
}

async function present(objects: Objects, heads: readonly Sha[]): Promise<ReadonlySet<Sha>> {
  const here = await Promise.all(heads.map(async head => (await objects.message(head)) !== undefined))
  return new Set(heads.filter((_, i) => here[i] === true))
}

interface Search {
  readonly record: LandingRecord | undefined
  /** What was pushed, the last first. */
  readonly heads: readonly Sha[]
  readonly tips: readonly Sha[]
}

async function firstArrival(
  ports: Ports,
  where: Where,
  { record, heads, tips }: Search,
  until: Sha | undefined,
): Promise<Found | undefined> {
  const { project, mission, objects } = where
  const place: Place = { git: ports.git, objects, top: project.top, mission }
  const known = await present(objects, heads)
  for (const tip of tips) {
    for (const head of known) {
      const arrived = await recognise(place, head, tip, until)
      if (arrived !== undefined) return { ...arrived, head, tip }
    }
    // Whoever has only the record believes the mission's own log: it lands in one commit with the code.
    if (known.size === 0 && (await saysDone(ports, where, record, tip)))
      return { how: 'squash', commit: tip, head: undefined, tip }
  }
  return undefined
}

function neverPushed(mission: Mission): KittyError {
  const over = typeof mission.meta.baseline_merge_commit === 'string'
  const { slug } = mission
  return new KittyError(
    'not_landed',
    over ? `Mission ${slug} has landed and is settled` : `No landing of ${slug} was pushed from here`,
    {
      hint: over
        ? sh`spec-kitty agent tasks status --mission ${slug}`
        : sh`Push one: spec-kitty merge --pr --mission ${slug}`,
      data: { mission_slug: slug, missing: [] },
    },
  )
}

/** The remote's target first: the local one often follows later. */
async function targetTips(
  ports: Ports,
  project: Project,
  record: LandingRecord | undefined,
  target: string,
): Promise<readonly Sha[]> {
  const local = `refs/heads/${target}`
  if (record !== undefined) {
    const names = targetRefs(record)
    const found = ports.git.named(project.top, names)
    return [...new Set(names.flatMap(name => found.get(name) ?? []))]
  }
  const refs = await ports.git.refs(project.top, ['refs/remotes/', local])
  return [...new Set([...refs].flatMap(([ref, sha]) => (ref.endsWith(`/${target}`) ? [sha] : [])))]
}

async function onTarget(
  ports: Ports,
  { top }: Project,
  text: string,
  tips: readonly Sha[],
  target: string,
): Promise<Sha> {
  const [commit = null] = await ports.git.resolve(top, [text])
  for (const tip of tips) {
    if (commit !== null && (await ports.git.isAncestor(top, commit, tip))) return commit
  }
  throw new KittyError(
    'invalid_input',
    commit === null ? `There is no commit ${text} here` : `${text} is no commit of ${target}`,
    { hint: sh`Fetch it first (git -C ${top} fetch), or leave the commit out: it is looked for` },
  )
}

/** Of who has only the record: what the target's log says of every package is what this one says, and that it is done. */
async function saysDone(
  ports: Pick<Ports, 'files'>,
  { objects, mission }: Where,
  record: LandingRecord | undefined,
  tip: Sha,
): Promise<boolean> {
  if (record === undefined) return false
  const { log, meta } = missionPaths({ dir: mission.rel })
  const [text, identity] = await objects.blobs([`${tip}:${log}`, `${tip}:${meta}`])
  if (identity === undefined || !hasRows(text, verdicts(ports.files.bytes(missionPaths(mission).log))))
    return false
  const found = [...arrivals(new TextDecoder().decode(text)).values()]
  return found.some(({ at }) => at !== null) && found.every(({ at, begun }) => at !== null || !begun)
}
