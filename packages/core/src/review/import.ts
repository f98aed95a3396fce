/**
 * `review import`: what the reviewers of a pull request said becomes the feedback of the packages that own the files, and
 * these go back to be worked on. Each comment is taken in once.
 */
import type { ReviewImport } from '@spec-kitty/contracts/cli/review-import'
import { KittyError } from '@spec-kitty/contracts/errors'
import { printLine } from '@spec-kitty/contracts/json'
import type { Lane } from '@spec-kitty/contracts/lanes'
import { listed, part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { forgeOf } from '../landing/address.ts'
import { findTool } from '../landing/forge.ts'
import { askReview } from '../landing/forge-review.ts'
import { followed } from '../merge/remote.ts'
import { overlaps, parseGlob } from '../repo/lanes/overlap.ts'
import { laneOf } from '../repo/log/reduce.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { landingRecord } from '../repo/mission/landing.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import { cyclesByWp } from '../repo/review/cycle.ts'
import { readOwnership } from '../repo/tasks/ownership.ts'
import { findWorkPackage, requireWorkPackages, type WorkPackage } from '../repo/tasks/work-package.ts'
import { decideMove } from '../tasks/move-task/move-task.ts'
import { readMoveRequest } from '../tasks/move-task/request.ts'
import { resolvePath } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { type Decision, type Scene, write } from '../write/write.ts'
import { type Comment, feedbackOf, isKnown, readComments } from './comments.ts'

export interface ReviewImportInput {
  /** Instead of asking the forge; relative to where the user stands. */
  readonly file?: string | undefined
  readonly pr?: number | undefined
  readonly mission?: string | undefined
  /** The package of what no other one owns. */
  readonly wp?: string | undefined
  /** Who takes it in. */
  readonly agent?: string | undefined
  /** People without a part in the repository whose words count all the same. */
  readonly author?: readonly string[] | undefined
  readonly autoCommit?: boolean | undefined
}

interface Found {
  readonly source: string
  readonly pr: number | null
  readonly name: string | null
  readonly texts: readonly string[]
}

/** Lanes from which work can be sent back. */
const JUDGED: readonly Lane[] = ['for_review', 'in_review', 'approved']

/**
 * Throws `invalid_input` where nobody can be given a comment (`data.left` says why) or the file is not there, `not_ready`
 * where the forge cannot be asked, `wp_not_found`, and what `move-task` refuses with. Then nothing is written.
 */
export async function importReview(ports: Ports, input: ReviewImportInput): Promise<ReviewImport> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const mission = resolveMission(ports, project, input.mission)
  // The network is waited for without a lock.
  const found = await findReview(ports, project, mission, input)
  return await write(ports, { ...input, mission: mission.slug }, scene =>
    decideImport(ports, scene, input, found),
  )
}

async function findReview(
  ports: Ports,
  project: Project,
  mission: Mission,
  { file, pr }: ReviewImportInput,
): Promise<Found> {
  const record = landingRecord(ports, project, mission)
  const number = pr ?? record?.pr?.number ?? null
  const name =
    record?.pr?.number === number ? (record?.pr?.url ?? null) : number === null ? null : `#${number}`
  if (file !== undefined) {
    const text = ports.files.text(resolvePath(ports.env.cwd, file))
    if (text !== undefined) return { source: file, pr: number, name, texts: [text] }
    throw new KittyError('invalid_input', `There is no file ${file}`, {
      hint: sh`Write down what is to be changed, a line "src/file.ts:12: what" for each: spec-kitty review import FILE`,
    })
  }
  const settings = await ports.git.settings(project.top)
  const remotes = [...settings.keys()].flatMap(key => /^remote\.(.+)\.url$/.exec(key)?.[1] ?? [])
  const remote = record?.target_remote ?? followed(mission.targetBranch, remotes, settings)?.remote
  const forge = forgeOf(settings, remote)
  const tool = findTool(ports, forge)
  const byFile = sh`spec-kitty review import review.md --mission ${mission.slug}`
  if (number === null)
    throw new KittyError('invalid_input', `No pull request of ${mission.slug} is known here`, {
      hint: sh`Name it: spec-kitty review import --pr N --mission ${mission.slug}`,
    })
  if (tool === undefined || forge === undefined)
    throw new KittyError(
      'not_ready',
      `There is no gh or glab on PATH that could ask for the review of #${number}`,
      {
        hint: sh`Write the comments into a file, a line ${'src/file.ts:12: what'} for each, then: ${part(byFile)}`,
      },
    )
  const pages = await askReview(ports, tool, { forge, number, top: project.top })
  return { source: tool, pr: number, name, texts: pages.map(printLine) }
}

/* ---------------------------------------------------------------- sharing out */

interface Given {
  readonly wp: WorkPackage
  readonly lane: Lane
  readonly comments: readonly Comment[]
}

/** A comment that nobody was given. */
interface Left {
  readonly comment: Comment
  readonly reason: string
  readonly remedy: Remedy
}

interface Shared {
  readonly given: readonly Given[]
  readonly left: readonly Left[]
  readonly known: number
}

async function decideImport(
  ports: Ports,
  scene: Scene,
  input: ReviewImportInput,
  { source, pr, name, texts }: Found,
): Promise<Decision<ReviewImport>> {
  const { mission } = scene
  const { given, left, known } = await shareOut(ports, scene, input, texts)
  const rows = left.map(({ comment: { path, line, author }, reason }) => ({ path, line, author, reason }))
  const head = { mission_slug: mission.slug, pr, source, known, left: rows }
  const [first] = left
  if (given.length === 0 && first !== undefined)
    throw new KittyError('invalid_input', `No comment could be given to a package: ${first.reason}`, {
      hint: first.remedy,
      data: head,
    })
  if (given.length === 0) return { answer: { result: 'nothing_new', ...head, packages: [] } }
  const moves: Decision<unknown>[] = []
  const packages: ReviewImport['packages'] = []
  for (const { wp, lane, comments } of given) {
    const authors = [...new Set(comments.flatMap(({ author }) => author ?? []))].join(', ')
    const request = { taskId: wp.id, to: 'planned', agent: input.agent, reviewer: authors }
    const reviewFeedback = feedbackOf(comments, name)
    const move = await decideMove(ports, scene, readMoveRequest({ ...request, reviewFeedback }))
    moves.push(move)
    const { review_feedback: feedback = '' } = move.answer
    packages.push({ wp_id: wp.id, old_lane: lane, comments: comments.length, review_feedback: feedback })
  }
  const ids = packages.map(({ wp_id: id }) => id).join(', ')
  const from = pr === null ? '' : ` of #${pr}`
  return {
    files: moves.flatMap(({ files = [] }) => files),
    events: moves.flatMap(({ events = [] }) => events),
    message: `chore: Take in the review${from} for ${ids} on spec ${mission.slug}`,
    answer: { result: 'success', ...head, packages },
  }
}

async function shareOut(
  ports: Ports,
  { project, mission, status }: Scene,
  { wp: named, author: welcome = [] }: ReviewImportInput,
  texts: readonly string[],
): Promise<Shared> {
  const packages = await requireWorkPackages(ports, mission)
  const taker = named === undefined ? undefined : (await findWorkPackage(ports, mission, named)).id
  const { reduction } = await status()
  const owners = ownersOf(packages, `${project.root}/`.slice(project.top.length + 1))
  const earlier = [...cyclesByWp(ports, mission).values()]
    .flat()
    .map(({ path }) => ports.files.text(path) ?? '')
  const comments = texts.flatMap(text => readComments(text, path => owners(path).length > 0))
  const fresh = comments.filter(comment => !isKnown(comment, earlier))
  const left: Left[] = []
  const general: Comment[] = []
  const byWp = new Map<string, Comment[]>()
  for (const comment of fresh) {
    const { path, author, outside } = comment
    const ids = path === null ? [] : owners(path)
    const id = ids.length === 1 ? ids[0] : (taker ?? (packages.length === 1 ? packages[0]?.id : undefined))
    if (outside && !welcome.includes(author ?? '')) left.push(stranger(comment))
    else if (id !== undefined) byWp.set(id, [...(byWp.get(id) ?? []), comment])
    else if (path === null) general.push(comment)
    else left.push(ownerless(comment, path, ids, packages))
  }
  const given = packages.flatMap((wp): Given[] => {
    const own = byWp.get(wp.id)
    if (own === undefined) return []
    const lane = laneOf(reduction, wp.id)
    if (JUDGED.includes(lane)) return [{ wp, lane, comments: [...general, ...own] }]
    left.push(...own.map(comment => early(comment, wp.id, lane, mission)))
    return []
  })
  if (given.length === 0) left.push(...general.map(comment => ownerless(comment, null, [], packages)))
  return { given, left, known: comments.length - fresh.length }
}

/** Who owns a file: of those that name their files one at most, else those that work everywhere. */
function ownersOf(packages: readonly WorkPackage[], folder: string): (path: string) => readonly string[] {
  const owned = packages.map(({ id, file, body }) => {
    const { owned: patterns, codebaseWide } = readOwnership(id, file.fields, body)
    return { id, globs: patterns.map(parseGlob), codebaseWide }
  })
  return path => {
    // Packages name files of the project, which may be a folder of the repository.
    const glob = parseGlob(path.startsWith(folder) ? path.slice(folder.length) : path)
    const all = owned.filter(({ globs }) => globs.some(one => overlaps(one, glob)))
    const close = all.filter(({ codebaseWide }) => !codebaseWide)
    return (close.length > 0 ? close : all).map(({ id }) => id)
  }
}

function stranger(comment: Comment): Left {
  const remedy = sh`To take it in all the same: --author ${comment.author ?? ''}`
  return { comment, remedy, reason: `${comment.author} has no part in the repository` }
}

function ownerless(
  comment: Comment,
  path: string | null,
  ids: readonly string[],
  packages: readonly WorkPackage[],
): Left {
  const remedy = sh`Add --wp with the package that takes it, one of ${listed(packages.map(({ id }) => id))}`
  const whose = ids.length === 0 ? `no package owns ${path}` : `${ids.join(' and ')} own ${path}`
  return { comment, remedy, reason: path === null ? 'it is about no file' : whose }
}

function early(comment: Comment, id: string, lane: Lane, { slug }: Mission): Left {
  if (lane === 'done' || lane === 'canceled')
    return {
      comment,
      reason: `${id} is ${lane}`,
      remedy: sh`spec-kitty mission reopen ${slug} --reason "what is wrong"`,
    }
  const reason = `${id} is ${lane.replaceAll('_', ' ')}: it is taken in once the package is handed in again`
  return { comment, reason, remedy: sh`spec-kitty agent tasks status --mission ${slug}` }
}
