/** `spec-kitty merge` as a whole: here, by a pull request, and what becomes of one. */
import type { MergeAborted, MergeHere, MergeLanded, MergeLanding } from '@spec-kitty/contracts/cli/merge'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { LandingRecord } from '@spec-kitty/contracts/files/landing'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { choices, type MergeInput, mergeMission, underLocks } from '../merge/merge.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { landingRecord, openLandings, rememberLanding } from '../repo/mission/landing.ts'
import { editMeta } from '../repo/mission/meta.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { readConfig } from '../repo/project/config.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import type { Ports } from '../world/ports.ts'
import { commitsAllowed, planCommit } from '../write/commit.ts'
import type { Stage } from '../write/conduct.ts'
import { deleteJournal, listJournals, readJournal, refuseDuringMerge } from '../write/journal.ts'
import { pendingFiles } from '../write/write.ts'
import { type PublishRequest, previewPublish, publish } from './publish.ts'
import { previewSettle, type Settled, type SettleRequest, settle } from './settle.ts'
import { waitingLanding } from './waiting.ts'

export interface LandInput extends MergeInput {
  readonly pr?: boolean | undefined
  readonly draft?: boolean | undefined
  readonly remote?: string | undefined
  readonly base?: string | undefined
  readonly landed?: boolean | undefined
  /** The commit that brought it (`--landed`). */
  readonly commit?: string | undefined
}

/** Merges a mission here, pushes it for a pull request, or settles one that has landed. */
export async function landMission(
  ports: Ports,
  asked: LandInput,
): Promise<MergeHere | MergeLanding | MergeLanded> {
  checkOptions(asked)
  const project = locateProject(ports)
  requireKittify(ports, project)
  const arrived = async (mission: Mission) => {
    const landing = await waitingLanding(ports, project, mission)
    return landing?.arrived === undefined ? undefined : landing
  }
  const input = { ...asked, arrived }
  if (input.pr) return await byPullRequest(ports, project, input)
  if (input.landed) {
    const settled = await settleLanding(ports, project, input)
    return { ...settled, spec_kitty_version: input.version }
  }
  if (input.abort) {
    const mission = waiting(ports, project, input.mission)
    if (mission !== undefined)
      return await underLocks(ports, project, mission.slug, stage => withdraw(stage, project, mission))
  }
  const answer = await mergeMission(ports, input)
  if ('result' in answer && answer.result === 'success')
    await forgetLanding(ports, project, answer.mission_slug)
  return answer
}

/** Options that mean nothing together are no request. Throws `usage`. */
function checkOptions(input: LandInput): void {
  const ways = (['pr', 'landed', 'resume', 'abort'] as const).filter(way => input[way])
  const refuse = (message: string, hint: ReturnType<typeof sh>) => new KittyError('usage', message, { hint })
  if ((input.pr || input.landed) && ways.length > 1)
    throw refuse(
      `Not together: ${ways.map(way => `--${way}`).join(', ')}`,
      sh`Choose one of ${listed(ways.map(way => `--${way}`))}`,
    )
  const own = (['draft', 'remote', 'base'] as const).filter(
    name => input[name] !== undefined && input[name] !== false,
  )
  if (own.length > 0 && !input.pr)
    throw refuse(`--${own[0]} is for a pull request`, sh`spec-kitty merge --pr`)
  if (input.commit !== undefined && !input.landed)
    throw refuse(
      `What is ${input.commit} for?`,
      sh`The commit that brought a mission: spec-kitty merge --landed ${input.commit}`,
    )
  if (input.pr && input.base !== undefined && input.target !== undefined && input.base !== input.target)
    throw refuse('--base and --target are the same thing and differ', sh`Leave one out`)
  if (input.pr && input.push)
    throw refuse('--pr pushes the branch of the pull request, --push the target', sh`Leave --push out`)
}

async function byPullRequest(ports: Ports, project: Project, input: LandInput) {
  const target = input.base ?? input.target
  const wanted = { ...input, target }
  const { version, remote, draft = false } = input
  const request = async (at: Ports, mission: Mission): Promise<PublishRequest> => {
    const chosen = await choices({ ports: at, project, mission }, wanted)
    return { ...chosen, fetch: input.fetch ?? false, version, remote, draft }
  }
  const mission = resolveMission(ports, project, input.mission)
  if (input.dryRun) return await previewPublish(ports, await request(ports, mission))
  return await underLocks(ports, project, mission.slug, async (stage, again) =>
    publish(stage, await request(stage, again)),
  )
}

/** What other commands settle with too. Without a handle the one that waits is meant, if there is just one. Throws `not_landed`. */
export async function settleLanding(
  ports: Ports,
  project: Project,
  input: Pick<LandInput, 'mission' | 'commit' | 'fetch' | 'dryRun' | 'deleteBranch' | 'removeWorktree'>,
): Promise<Settled> {
  const named = awaited(ports, project, input.mission)
  const record = landingRecord(ports, project, named)
  if (input.fetch && record !== undefined) await fetchTarget(ports, project, named, record)
  const config = await readConfig(ports, project)
  const request = (mission: Mission): SettleRequest => ({
    project,
    mission,
    config,
    commit: input.commit,
    deleteBranch: input.deleteBranch ?? true,
    removeWorktree: input.removeWorktree ?? true,
  })
  if (input.dryRun) return await previewSettle(ports, request(named))
  return await underLocks(ports, project, named.slug, (stage, mission) => {
    refuseDuringMerge(ports, project, mission.slug)
    return settle(stage, request(mission))
  })
}

async function fetchTarget(ports: Ports, { top }: Project, { slug }: Mission, record: LandingRecord) {
  try {
    await ports.git.fetch(top, record.target_remote, record.target, [])
  } catch (cause) {
    if (!(cause instanceof KittyError)) throw cause
    throw new KittyError(cause.code, cause.message, {
      hint: sh`Mend that and run it again, or look at what was fetched last: spec-kitty merge --landed --mission ${slug}`,
      data: cause.data,
      cause,
    })
  }
}

function awaited(ports: Ports, project: Project, handle: string | undefined): Mission {
  try {
    return resolveMission(ports, project, handle)
  } catch (cause) {
    const missed = cause instanceof KittyError && cause.code === 'mission_required'
    const [only, ...others] = missed ? openLandings(ports, project) : []
    if (only !== undefined && others.length === 0) return only
    throw cause
  }
}

/** The mission whose pull request is meant, where no merge was interrupted. */
function waiting(ports: Ports, project: Project, handle: string | undefined): Mission | undefined {
  try {
    const mission = awaited(ports, project, handle)
    const merges = handle === undefined ? listJournals(ports, project) : [mission.slug]
    if (merges.some(slug => readJournal(ports, project, slug)?.plan != null)) return undefined
    return landingRecord(ports, project, mission) === undefined ? undefined : mission
  } catch (cause) {
    if (cause instanceof KittyError) return undefined
    throw cause
  }
}

/** A pull request that was closed unmerged: the mission is approved again, and nothing else. What was pushed stays known. */
async function withdraw(ports: Stage, project: Project, found: Mission): Promise<MergeAborted> {
  const mission = resolveMission(ports, project, found.slug)
  const config = await readConfig(ports, project)
  const record = landingRecord(ports, project, mission)
  const meta = editMeta(ports, mission, { landing: undefined })
  const { meta: path } = missionPaths(mission)
  const message = `chore: ${mission.slug} waits on no pull request any more`
  const paths = [path, ...(await pendingFiles(ports, { project, mission, config }))]
  const commit =
    meta.length > 0 && (await commitsAllowed(ports, project, config))
      ? planCommit(project, config, { paths, message })
      : []
  await ports.perform([
    ...meta,
    ...commit,
    rememberLanding(project, mission.slug, undefined),
    // The note of a merge that was refused before.
    ...deleteJournal(ports, project, mission.slug),
  ])
  const where = record === undefined ? '' : ` ${record.branch} stays at ${record.remote}.`
  return {
    result: 'aborted',
    mission_slug: mission.slug,
    aborted: true,
    restored_refs: [],
    message: `${mission.slug} waits on no pull request any more; its packages are approved.${where}`,
  }
}

/** It was merged here after all. */
async function forgetLanding(ports: Ports, project: Project, slug: string): Promise<void> {
  if (landingRecord(ports, project, { slug, meta: {} }) === undefined) return
  await underLocks(ports, project, slug, stage => stage.perform([rememberLanding(project, slug, undefined)]))
}
