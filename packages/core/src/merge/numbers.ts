/** The number of a mission: given when it lands, and no mission that has landed or is about to has the same one. */
import type { Sha } from '@spec-kitty/contracts/ids'
import { type Json, parseObject } from '@spec-kitty/contracts/json'
import { listMissions, type Mission } from '../repo/mission/handle.ts'
import { landingFolder, landingRecord } from '../repo/mission/landing.ts'
import type { Project } from '../repo/project/locate.ts'
import { basename, dirname } from '../text/paths.ts'
import type { Objects, Ports } from '../world/ports.ts'
import type { RemoteFacts } from './remote.ts'

interface Request {
  readonly project: Project
  readonly mission: Mission
  readonly objects: Objects
  readonly pullRequest?: object | undefined
}

/**
 * One more than the highest number of the checkout, of the target and of every landing that is known here; the one
 * that an earlier push of this mission gave, where it is still free. For a pull request one process.
 */
export async function nextNumber(
  ports: Pick<Ports, 'files' | 'git'>,
  request: Request,
  target: Sha | null,
  remote: RemoteFacts,
): Promise<number> {
  const { project, mission, objects } = request
  const specs = dirname(mission.rel)
  const others = (slug: string) => slug !== mission.slug
  const known = listMissions(ports, project)
  const slugs = target === null ? [] : (await objects.list(target, specs)).filter(others)
  const heads = await landings(ports, request, remote)
  const [landed, coming, own] = await Promise.all([
    numbersIn(
      objects,
      slugs.map(slug => `${target}:${specs}/${slug}`),
    ),
    numbersIn(
      objects,
      heads.filter(({ slug }) => others(slug)).map(({ slug, head }) => `${head}:${specs}/${slug}`),
    ),
    numbersIn(
      objects,
      heads.filter(({ slug }) => !others(slug)).map(({ head }) => `${head}:${mission.rel}`),
    ),
  ])
  const taken = [...known.map(({ meta }) => numberOf(meta.mission_number)), ...landed, ...coming]
  const before = own.findLast(number => number > 0)
  return before !== undefined && !taken.includes(before) ? before : Math.max(0, ...taken) + 1
}

interface Head {
  readonly slug: string
  readonly head: string
}

/** What was pushed: as this repository remembers it, and as the remote has it. The mission's own last push comes last. */
async function landings(
  ports: Pick<Ports, 'files' | 'git'>,
  { project, mission, pullRequest }: Request,
  { place, push }: RemoteFacts,
): Promise<readonly Head[]> {
  const slugs = ports.files
    .list(landingFolder(project))
    .flatMap(name => /^([^.].*)\.json$/.exec(name)?.[1] ?? [])
  const kept = [...slugs.map(slug => ({ slug, meta: {} })), mission].flatMap(item => {
    const record = landingRecord(ports, project, item)
    return record === undefined ? [] : [{ slug: item.slug, head: record.head }]
  })
  if (pullRequest === undefined) return kept
  const far = [place, push].flatMap(at => (at === undefined ? [] : [`refs/remotes/${at.remote}/kitty/pr/`]))
  const refs = await ports.git.refs(project.top, ['refs/kitty/landing/', ...new Set(far)])
  const found = [...refs].map(([ref, head]) => ({
    slug: basename(ref.startsWith('refs/remotes/') ? ref : dirname(ref)),
    head,
  }))
  return [...found, ...kept]
}

async function numbersIn(objects: Objects, folders: readonly string[]): Promise<readonly number[]> {
  const metas = await objects.blobs(folders.map(folder => `${folder}/meta.json`))
  return metas.map(bytes =>
    numberOf(parseObject(bytes === undefined ? '' : new TextDecoder().decode(bytes))?.mission_number),
  )
}

/** Numbers written as text (`"042"`) count. */
function numberOf(value: Json | undefined): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : 0
}
