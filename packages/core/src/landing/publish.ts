/**
 * `merge --pr`: the landing is built as objects on the remote's target and pushed as one branch. The target is touched
 * nowhere; the mission waits, its packages approved, until the content is there.
 */
import type { MergeLanding } from '@spec-kitty/contracts/cli/merge'
import type { MergeBlocked } from '@spec-kitty/contracts/cli/merge-dry-run'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { LandingRecord } from '@spec-kitty/contracts/files/landing'
import type { Sha } from '@spec-kitty/contracts/ids'
import { sh } from '@spec-kitty/contracts/sh'
import { previewAnswer } from '../merge/answer.ts'
import type { MergeFacts, MergeRequest } from '../merge/facts.ts'
import { isLaneWithTip } from '../merge/forecast.ts'
import { type Judgement, judgeFor, type Make } from '../merge/judge.ts'
import { buildCommits } from '../merge/plan.ts'
import { isComputed } from '../repo/lanes/combine.ts'
import { wholeLog } from '../repo/log/log.ts'
import {
  landingBranch,
  landingFolder,
  landingRecord,
  landingShelf,
  rememberLanding,
  targetRefs,
} from '../repo/mission/landing.ts'
import { editMeta } from '../repo/mission/meta.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { join } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { Objects, Ports, PushPlace } from '../world/ports.ts'
import { commitsAllowed, planCommit } from '../write/commit.ts'
import type { Stage } from '../write/conduct.ts'
import { pendingFiles } from '../write/write.ts'
import { compareUrl, forgeOf } from './address.ts'
import { findTool, openPullRequest, type Request } from './forge.ts'
import { missionTitle, type PullRequestWords, pullRequestWords } from './words.ts'

export type PublishRequest = Omit<MergeRequest, 'objects' | 'pullRequest'> & {
  readonly version: string
  readonly remote: string | undefined
  readonly draft: boolean
}

/** What is to be pushed, and what the branch holds. */
interface Built {
  readonly head: Sha
  /** At the remote now; null: no such branch. */
  readonly there: Sha | null
  /** It holds all of it already. */
  readonly same: boolean
  readonly words: PullRequestWords
  readonly number: number | null
  /** What the landing does beside. */
  readonly notes: readonly string[]
}

/** Without changing a thing, here or there: the remote is judged by what was fetched last, unless a fetch is asked for. */
export async function previewPublish(
  ports: Ports,
  request: PublishRequest,
): Promise<MergeLanding | MergeBlocked> {
  const { judgement, built } = await build(ports, request, request.fetch)
  if (built === undefined) return refusal(request, judgement)
  const answer = answerOf(request, judgement, built)
  return { ...answer, ready: true, pushed: false, body_file: null }
}

/**
 * Pushes. Throws `push_refused` with the remote's words, `landing_moved` where commits of others are on the branch; then
 * nothing has changed. A killed run is run again: what it pushed is known by its reference.
 */
export async function publish(ports: Stage, request: PublishRequest): Promise<MergeLanding | MergeBlocked> {
  const { judgement, built } = await build(ports, request, true)
  if (built === undefined) return refusal(request, judgement)
  const { facts } = judgement
  const { project, mission } = facts
  const bodyFile = join(landingFolder(project), `${mission.slug}.md`)
  if (!built.same) await push(ports, facts, built)
  await ports.perform([{ kind: 'write_file', path: bodyFile, content: `${built.words.body}\n` }])
  const answer = answerOf(request, judgement, built)
  const opened = await open(ports, facts, { ...request, bodyFile }, built)
  const { pr } = await record(ports, request, facts, { ...answer, pr: opened.pr })
  return {
    ...answer,
    body_file: bodyFile,
    pr,
    opened_by: opened.by,
    warnings: [...answer.warnings, ...opened.warnings],
  }
}

function refusal({ version }: PublishRequest, judgement: Judgement<unknown>): MergeBlocked {
  const answer = previewAnswer(version, judgement)
  if (!answer.ready) return answer
  throw new Error('publish: a landing without blockers was not built')
}

async function build(ports: Ports, request: PublishRequest, fetch: boolean) {
  const title = missionTitle(request)
  const options = { ...request.options, push: true, message: request.options.message ?? title }
  const wanted = { ...request, options, fetch, pullRequest: { remote: request.remote } }
  const make: Make<Built> = async (...given) => {
    const [world, objects, facts, forecast, ledger] = given
    const built = await buildCommits(world, facts, forecast, ledger)
    const there = await standsAt(world, facts, fetch)
    if (there !== null) await refuseStrangers(world, objects, facts, there, built.result)
    const same = there !== null && (await isSame(objects, facts, there, built.result))
    const trailers = built.message.split('\n').filter(line => /^(?:Mission|Co-authored-by): /.test(line))
    const notes = ledger.renumbered.map(
      ({ slug, from, to }) => `${slug} becomes mission ${to}: two missions have number ${from}`,
    )
    const words = await pullRequestWords(world, facts, trailers, notes)
    const head = same && there !== null ? there : built.result
    return { head, there, same, words, number: ledger.number, notes }
  }
  const judgement = await judgeFor(ports, wanted, true, make)
  return { judgement, built: judgement.plan }
}

/** Where the branch goes. */
function placeOf({ remote, mission }: MergeFacts): PushPlace {
  return { remote: remote.push?.remote ?? 'origin', branch: landingBranch(mission) }
}

async function standsAt(ports: Pick<Ports, 'git'>, facts: MergeFacts, ask: boolean): Promise<Sha | null> {
  const { top } = facts.project
  const place = placeOf(facts)
  const ref = `refs/remotes/${place.remote}/${place.branch}`
  if (!ask) return ports.git.named(top, [ref]).get(ref) ?? null
  const there = await ports.git.remoteHead(top, place)
  // From a fork that is pushed to, the landings were not fetched yet.
  const [known] = there === null ? [null] : await ports.git.resolve(top, [there])
  if (there !== null && known === null) await ports.git.fetch(top, place.remote, place.branch, [])
  return there
}

/** Commits that others put on the branch are in what is pushed, or it is not pushed. */
async function refuseStrangers(
  ports: Pick<Ports, 'files' | 'git'>,
  objects: Objects,
  facts: MergeFacts,
  there: Sha,
  head: Sha,
): Promise<void> {
  const { project, mission } = facts
  const shelf = landingShelf(mission)
  const record = landingRecord(ports, project, mission)
  const ours = [...(await ports.git.refs(project.top, [shelf])).values(), ...(record ? [record.head] : [])]
  if (ours.includes(there)) return
  const place = placeOf(facts)
  const base = record?.head ?? (await ports.git.mergeBase(project.top, there, head))
  const changed = base === null ? [] : await objects.diff(base, there)
  const lost: string[] = []
  for (const { path, blob } of changed) {
    // The mission's files are ours; what a merge of the target brought is in the target that we build on.
    if (path.startsWith(`${mission.rel}/`)) continue
    const [now, target] = await Promise.all([
      objects.find(head, path),
      objects.find(facts.target ?? head, path),
    ])
    if ((now?.id ?? null) !== blob && (target?.id ?? null) !== blob) lost.push(path)
  }
  if (base !== null && lost.length === 0) return
  const name = `${place.remote}/${place.branch}`
  throw new KittyError(
    'landing_moved',
    `${name} has commits that are not ours, and what is to be pushed has not all of them: ${lost.join(', ')}`,
    {
      hint: sh`Look at them (git log ${base ?? 'HEAD'}..${there}), bring what is wanted into the lane of its package, then: git update-ref ${`${shelf}${there}`} ${there} && spec-kitty merge --pr --mission ${mission.slug}`,
      data: { branch: place.branch, remote: place.remote, head: there, files: lost },
    },
  )
}

/** True when the branch differs from what was built by nothing but the time at which it was built. */
async function isSame(objects: Objects, facts: MergeFacts, there: Sha, head: Sha): Promise<boolean> {
  const { mission, options } = facts
  const changes = await objects.diff(there, head)
  if (changes.some(({ path }) => !isComputed(mission, path))) return false
  const path = missionPaths({ dir: mission.rel }).log
  const [pushed] = await objects.blobs([`${there}:${path}`])
  const rows = new Set(new TextDecoder().decode(pushed ?? new Uint8Array()).split('\n'))
  if (
    !wholeLog(facts.log.text)
      .split('\n')
      .every(row => rows.has(row))
  )
    return false
  const [was, is] = await Promise.all([objects.message(there), objects.message(head)])
  return options.strategy !== 'squash' || was?.trim() === is?.trim()
}

/** The reference comes first: by it a run after this one knows what was pushed. */
async function push(ports: Stage, facts: MergeFacts, { head, there }: Built): Promise<void> {
  const { project, mission } = facts
  const place = placeOf(facts)
  const ref = `${landingShelf(mission)}${head}`
  const shelve = (old: Sha | null, now: Sha | null): Change => ({
    kind: 'update_refs',
    repo: project.top,
    message: 'spec-kitty merge --pr',
    updates: [{ ref, old, new: now }],
  })
  await ports.perform([shelve(null, head)])
  try {
    await ports.git.publish(project.top, head, place, there)
  } catch (cause) {
    if (!(cause instanceof KittyError)) throw cause
    await ports.perform([shelve(head, null)])
    throw new KittyError(cause.code, `${cause.message}. Nothing was changed here`, {
      hint: sh`Mend that, then: spec-kitty merge --pr --mission ${mission.slug}`,
      data: { ...cause.data, branch: place.branch, mission_slug: mission.slug },
      cause,
    })
  }
}

function forges({ settings, remote }: MergeFacts) {
  return { forge: forgeOf(settings, remote.place?.remote), pushedTo: forgeOf(settings, remote.push?.remote) }
}

async function open(
  ports: Stage,
  facts: MergeFacts,
  { draft, bodyFile }: PublishRequest & { readonly bodyFile: string },
  { words, there }: Built,
) {
  const { project, remote, options } = facts
  const found = forges(facts)
  const tool = findTool(ports, found.forge)
  if (tool === undefined) return { pr: null, by: null, warnings: [] }
  const request: Request = {
    ...words,
    ...found,
    top: project.top,
    base: remote.place?.branch ?? options.target,
    branch: placeOf(facts).branch,
    bodyFile,
    draft,
  }
  const { pr, problem } = await openPullRequest(ports, tool, request, there !== null)
  return { pr, by: pr === null ? null : tool, warnings: problem === undefined ? [] : [problem] }
}

function answerOf(
  { version }: PublishRequest,
  { facts, warnings }: Judgement<unknown>,
  { head, there, same, words, number, notes }: Built,
): MergeLanding {
  const { mission, options, remote } = facts
  const place = placeOf(facts)
  const base = remote.place?.branch ?? options.target
  return {
    result: 'landing',
    spec_kitty_version: version,
    mission_slug: mission.slug,
    mission_number: number,
    target_branch: options.target,
    strategy: options.strategy,
    branch: place.branch,
    remote: place.remote,
    head,
    ...words,
    body_file: null,
    updated: there !== null,
    pushed: !same,
    pr: null,
    compare_url: compareUrl({ ...forges(facts), base, branch: place.branch }),
    opened_by: null,
    warnings: [...warnings, ...notes],
  }
}

/** Here and for everybody who has the mission's branch: where it waits, and what was pushed. */
async function record(
  ports: Stage,
  { config }: PublishRequest,
  facts: MergeFacts,
  answer: MergeLanding,
): Promise<LandingRecord> {
  const { project, mission, remote, options } = facts
  const before = landingRecord(ports, project, mission)
  const tips = facts.laneFacts.filter(isLaneWithTip).map(lane => [lane.branch, lane.tip] as const)
  const own = facts.missionTip === null ? [] : [[facts.missionBranch, facts.missionTip] as const]
  const place = {
    target: remote.place?.branch ?? options.target,
    target_remote: remote.place?.remote ?? answer.remote,
  }
  const landing: LandingRecord = {
    branch: answer.branch,
    remote: answer.remote,
    head: answer.head,
    pr: answer.pr ?? before?.pr ?? null,
    since: before?.since ?? ports.clock.now(),
    ...place,
    tips: Object.fromEntries([...own, ...tips]),
    targets: [...ports.git.named(project.top, targetRefs(place)).values()],
  }
  const meta = editMeta(ports, mission, { landing })
  const { meta: path } = missionPaths(mission)
  const message = `chore: ${mission.slug} waits on ${answer.branch}`
  const commit = (await commitsAllowed(ports, project, config))
    ? planCommit(project, config, {
        paths: [path, ...(await pendingFiles(ports, { project, mission, config }))],
        message,
      })
    : []
  await ports.perform([...meta, ...commit, rememberLanding(project, mission.slug, landing)])
  return landing
}
