/**
 * `merge --landed`: the content is on the target, so the mission is done. Its home takes over the rows, the number and the
 * base that landed with it; worktrees and branches that hold nothing else go. Every step can be done again.
 */
import type { MergeLanded } from '@spec-kitty/contracts/cli/merge'
import { KittyError } from '@spec-kitty/contracts/errors'
import { type JsonObject, parseObject } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { cleanUp } from '../merge/land.ts'
import type { Landing } from '../merge/landing.ts'
import { mergedStyle } from '../repo/log/emit.ts'
import { unionLogs } from '../repo/log/log-union.ts'
import { laneOf, reduceLog } from '../repo/log/reduce.ts'
import { printSnapshot, readSnapshotText, snapshotOf } from '../repo/log/snapshot.ts'
import { toldOfLanded } from '../repo/log/told.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { landingFolder, rememberLanding } from '../repo/mission/landing.ts'
import { editMeta } from '../repo/mission/meta.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import type { ProjectConfig } from '../repo/project/config.ts'
import type { Project } from '../repo/project/locate.ts'
import { dirname, join } from '../text/paths.ts'
import { type Change, rewrite } from '../world/change.ts'
import type { Objects, Ports } from '../world/ports.ts'
import { commitsAllowed, planCommit } from '../write/commit.ts'
import type { Stage } from '../write/conduct.ts'
import { deleteJournal } from '../write/journal.ts'
import { pendingFiles } from '../write/write.ts'
import { type Awaited, type Found, findArrival } from './arrival.ts'
import { type Cleaning, planCleaning } from './cleaning.ts'

/** What `merge --landed` answers, but for the version. */
export type Settled = Omit<MergeLanded, 'spec_kitty_version'>

export interface SettleRequest {
  readonly project: Project
  readonly mission: Mission
  readonly config: ProjectConfig
  /** The commit of the target that brought it, where it is named. */
  readonly commit: string | undefined
  readonly deleteBranch: boolean
  readonly removeWorktree: boolean
}

interface Settlement {
  readonly awaited: Awaited & { readonly found: Found }
  /** The mission's files are written here. */
  readonly home: boolean
  readonly files: readonly Change[]
  readonly cleaning: Cleaning
  readonly number: number | null
  readonly done: readonly string[]
  readonly log: string
  readonly warnings: readonly string[]
}

/** What settling would do; nothing is changed. Throws `not_landed`, with what is missing on the target. */
export async function previewSettle(ports: Ports, request: SettleRequest): Promise<Settled> {
  const plan = await planSettlement(ports, request)
  const { worktrees, branches } = plan.cleaning
  const removedWorktrees = worktrees.map(tree => tree.path)
  const deletedBranches = branches.map(({ ref }) => ref.slice('refs/heads/'.length))
  return { ...answerOf(request, plan, { removedWorktrees, deletedBranches, kept: [] }), ready: true }
}

/** Settles the mission. Throws `not_landed`, with what is missing on the target; then nothing has changed. */
export async function settle(ports: Stage, request: SettleRequest): Promise<Settled> {
  const { project, mission, config } = request
  const plan = await planSettlement(ports, request)
  const { log, snapshot, meta } = missionPaths(mission)
  const message = `chore: ${mission.slug} has landed on ${plan.awaited.target}`
  const waiting = plan.home ? await pendingFiles(ports, { project, mission, config }) : []
  // Also where nothing is written any more: a run that was killed may have written it.
  const commit =
    plan.home && (await commitsAllowed(ports, project, config))
      ? planCommit(project, config, { paths: [log, snapshot, meta, ...waiting], message })
      : []
  await ports.perform([...plan.files, ...commit])
  const cleaned = await cleanUp(ports, project, plan.cleaning)
  await ports.perform(forget(ports, project, mission, plan.awaited))
  if (plan.files.length > 0) {
    const landed = { done_work_packages: plan.done, mission_number: plan.number }
    await ports.tell(toldOfLanded(mission, plan.log, landed))
  }
  return answerOf(request, plan, cleaned)
}

async function planSettlement(ports: Ports, request: SettleRequest): Promise<Settlement> {
  const { project, mission, commit } = request
  const objects = ports.git.objects(project.top)
  try {
    const awaited = await findArrival(ports, { project, mission, objects }, commit)
    const { found } = awaited
    if (found === undefined) throw notLanded(mission, awaited)
    return await plan(ports, objects, request, { ...awaited, found })
  } finally {
    objects.close()
  }
}

function notLanded({ slug }: Mission, { record, target, missing }: Awaited): KittyError {
  const pr = record?.pr ?? null
  const where = pr === null ? (record?.branch ?? 'The landing') : `Pull request #${pr.number}`
  const lacks =
    missing.length > 0 ? `: ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', …' : ''}` : ''
  return new KittyError(
    'not_landed',
    `${where} of ${slug} is not on ${target} as far as is known here${lacks}`,
    {
      hint: sh`Once it is merged there: spec-kitty merge --landed --fetch --mission ${slug}. Closed unmerged: spec-kitty merge --abort --mission ${slug}`,
      data: { mission_slug: slug, target_branch: target, missing: [...missing] },
    },
  )
}

async function plan(
  ports: Ports,
  objects: Objects,
  request: SettleRequest,
  awaited: Settlement['awaited'],
): Promise<Settlement> {
  const { project, mission } = request
  const { found, target } = awaited
  const paths = missionPaths(mission)
  const own = ports.files.text(paths.log) ?? ''
  const landed = await landedFiles(objects, mission, found)
  const log = uniteAll([own, ...landed.logs])
  const reduction = reduceLog(log)
  const states = [...reduction.workPackages.keys()].map(id => [id, laneOf(reduction, id)] as const)
  const over = states.every(([, lane]) => lane === 'done' || lane === 'canceled')
  const number = numberIn(landed.metas) ?? mission.number
  // On the target nothing is written: what landed is there, or comes with the next pull.
  const home = 'landing' in mission.meta || ports.git.head(project.top).branch !== target
  const baseline = landed.metas.map(meta => meta.baseline_merge_commit).find(isText)
  const style = mergedStyle(ports, project, mission, reduction)
  const files = home
    ? [
        ...rewrite(paths.log, own, log),
        ...rewrite(
          paths.snapshot,
          readSnapshotText(ports, mission),
          printSnapshot(snapshotOf(reduction, { ...mission, number }, style)),
        ),
        ...editMeta(ports, mission, {
          landing: undefined,
          mission_number: number,
          ...(over && baseline !== undefined ? { baseline_merge_commit: baseline } : {}),
        }),
      ]
    : []
  return {
    awaited,
    home,
    files,
    cleaning: await planCleaning(ports, objects, request, awaited, reduction),
    number,
    done: states.filter(([, lane]) => lane === 'done').map(([id]) => id),
    log,
    warnings: await warningsOf(ports, objects, request, awaited, number, over),
  }
}

/** The mission's log and identity as they were pushed and as they arrived. */
async function landedFiles(objects: Objects, mission: Mission, { head, tip }: Found) {
  const { log, meta } = missionPaths({ dir: mission.rel })
  const revs = [tip, ...(head === undefined ? [] : [head])]
  const texts = async (path: string) =>
    (await objects.blobs(revs.map(rev => `${rev}:${path}`))).flatMap(bytes =>
      bytes === undefined ? [] : [new TextDecoder().decode(bytes)],
    )
  const metas = (await texts(meta)).flatMap((text): JsonObject[] => {
    const meta = parseObject(text)
    return meta === undefined ? [] : [meta]
  })
  return { logs: await texts(log), metas }
}

/** One that has every row of the others stays as it is, byte for byte. Throws `log_corrupt`. */
function uniteAll(texts: readonly string[]): string {
  const rows = texts.map(text => new Set(text.split('\n')))
  const whole = texts.find((_, i) => rows.every(other => [...other].every(row => rows[i]?.has(row))))
  return whole ?? unionLogs(texts).text
}

function numberIn(metas: readonly JsonObject[]): number | undefined {
  return metas.map(meta => meta.mission_number).find(value => typeof value === 'number')
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** What is told and yet does not keep the mission from being settled. */
async function warningsOf(
  ports: Ports,
  objects: Objects,
  { project, mission }: SettleRequest,
  { target, found, record }: Settlement['awaited'],
  number: number | null,
  over: boolean,
): Promise<readonly string[]> {
  const specs = dirname(mission.rel)
  const slugs = (await objects.list(found.tip, specs)).filter(slug => slug !== mission.slug)
  const metas = await objects.blobs(slugs.map(slug => `${found.tip}:${specs}/${slug}/meta.json`))
  const twins = slugs.filter((_, i) => {
    const meta = parseObject(new TextDecoder().decode(metas[i] ?? new Uint8Array()))
    return number !== null && meta?.mission_number === number
  })
  const local = ports.git.named(project.top, [`refs/heads/${target}`]).get(`refs/heads/${target}`)
  const behind =
    local !== undefined && local !== found.tip && !(await ports.git.isAncestor(project.top, found.tip, local))
  const remote = record?.target_remote
  return [
    ...(found.changed ?? []).map(path => `${path} arrived otherwise than it was pushed`),
    ...(over ? [] : [`Work on ${mission.slug} goes on: not all of its packages have landed`]),
    ...twins.map(
      slug =>
        `${slug} on ${target} has number ${number} too: the next merge --pr gives the one that was made later another`,
    ),
    ...(behind && remote !== undefined
      ? [
          sh`${target} here has it after: git switch ${target} && git merge --ff-only ${`${remote}/${target}`}`,
        ]
      : []),
  ]
}

/** The references of what was pushed go, their commits are kept; what this repository remembers goes last. */
function forget(ports: Ports, project: Project, { slug }: Mission, { shelf }: Awaited): readonly Change[] {
  const backups = [...shelf.values()].map(sha => ({
    ref: `refs/kitty/backup/kitty/pr/${slug}/${sha.slice(0, 12)}`,
    old:
      ports.git
        .named(project.top, [`refs/kitty/backup/kitty/pr/${slug}/${sha.slice(0, 12)}`])
        .values()
        .next().value ?? null,
    new: sha,
  }))
  const gone = [...shelf].map(([ref, sha]) => ({ ref, old: sha, new: null }))
  const message = 'spec-kitty merge --landed'
  const updates = [...backups.filter(({ old, new: now }) => old !== now), ...gone]
  return [
    ...(updates.length > 0 ? [{ kind: 'update_refs', repo: project.top, message, updates } as const] : []),
    { kind: 'delete_file', path: join(landingFolder(project), `${slug}.md`) },
    ...deleteJournal(ports, project, slug),
    rememberLanding(project, slug, undefined),
  ]
}

function answerOf(
  { mission }: SettleRequest,
  { awaited, done, number, warnings }: Settlement,
  cleaned: Landing,
): Settled {
  const { how, commit } = awaited.found
  return {
    result: 'landed',
    mission_slug: mission.slug,
    target_branch: awaited.target,
    how,
    commit,
    mission_number: number,
    done_work_packages: [...done],
    removed_worktrees: [...cleaned.removedWorktrees],
    deleted_branches: [...cleaned.deletedBranches],
    kept: [...cleaned.kept],
    warnings: [...warnings],
  }
}
