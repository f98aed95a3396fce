/** `spec-kitty merge`: facts → rules → plan → land, and the ways back into a merge that was interrupted. */
import type { MergeAborted, MergeDone, MergeHere } from '@spec-kitty/contracts/cli/merge'
import { KittyError, unlessRefused } from '@spec-kitty/contracts/errors'
import type { MergeOptions, MergeState } from '@spec-kitty/contracts/files/merge-state'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { readLanes, requireLanes } from '../repo/lanes/manifest.ts'
import { laneBranch } from '../repo/lanes/names.ts'
import { toldOfLanded } from '../repo/log/told.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { refuseTakenOut } from '../repo/mission/taken-out.ts'
import { type ProjectConfig, readConfig } from '../repo/project/config.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import type { QueuedFact } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { conduct, type Stage } from '../write/conduct.ts'
import { deleteJournal, listJournals, readJournal, writeJournal } from '../write/journal.ts'
import { hold, mergeLock, missionLock } from '../write/locks.ts'
import { doneAnswer, previewAnswer } from './answer.ts'
import type { MergeFacts, MergeRequest } from './facts.ts'
import { judge } from './judge.ts'
import { land, takeBack } from './land.ts'
import { leaveHome, leaveMissionBranch } from './leave.ts'
import { dropPythonState, hasPythonState } from './python-state.ts'

export interface MergeInput {
  /** Of the program, for the answer. */
  readonly version: string
  readonly mission?: string | undefined
  readonly target?: string | undefined
  readonly strategy?: MergeOptions['strategy'] | undefined
  readonly dryRun?: boolean | undefined
  readonly resume?: boolean | undefined
  readonly abort?: boolean | undefined
  readonly push?: boolean | undefined
  readonly fetch?: boolean | undefined
  readonly deleteBranch?: boolean | undefined
  readonly removeWorktree?: boolean | undefined
  /** First words of the commit that lands. */
  readonly message?: string | undefined
  readonly arrived?: MergeRequest['arrived']
}

const STRATEGIES = ['merge', 'squash', 'rebase'] as const

/** What every step of a merge needs to know. */
interface Scene {
  readonly ports: Stage
  readonly project: Project
  readonly mission: Mission
  readonly version: string
}

/** Merges a mission, says what would happen, or finishes or takes back a merge that was interrupted. */
export async function mergeMission(ports: Ports, input: MergeInput): Promise<MergeHere> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const mission = await chooseMission(ports, project, input)
  if (mission === undefined) return nothingToAbort(null)
  if (input.dryRun) {
    const request = await choices({ ports, project, mission }, input)
    return previewAnswer(input.version, await judge(ports, request, false))
  }
  return underLocks(ports, project, mission.slug, async (stage, mission) => {
    const scene = { ports: stage, project, mission, version: input.version }
    if (input.abort) return abort(scene)
    if (!input.resume) return run(scene, await choices(scene, input))
    return resume(scene, input)
  })
}

/** Without a handle, the interrupted merge is meant, if there is exactly one. */
async function chooseMission(
  ports: Ports,
  project: Project,
  input: MergeInput,
): Promise<Mission | undefined> {
  const [only, ...others] = input.mission === undefined ? listJournals(ports, project) : []
  if ((input.abort || input.resume) && only !== undefined && others.length === 0)
    return resolveMission(ports, project, only)
  try {
    return resolveMission(ports, project, input.mission)
  } catch (cause) {
    if (input.abort && cause instanceof KittyError && cause.code === 'mission_required') return undefined
    throw cause
  }
}

/** The lock of the repository's merges is not waited for: the second is told at once who is at it. */
export async function underLocks<T>(
  ports: Ports,
  project: Project,
  slug: string,
  act: (stage: Stage, mission: Mission) => Promise<T>,
): Promise<T> {
  const merge = () =>
    conduct(ports, [missionLock(project, slug)], stage => act(stage, resolveMission(ports, project, slug)))
  return await hold(ports, [mergeLock(project)], merge, 0)
}

type Choices = Omit<MergeRequest, 'objects'>

/** What was asked for, with what the project is configured for. Throws `invalid_input`, `tasks_not_finalized`. */
export async function choices(
  { ports, project, mission }: Pick<Scene, 'project' | 'mission'> & { readonly ports: Ports },
  input: MergeInput,
): Promise<Choices> {
  const config = await readConfig(ports, project)
  const lanes = readLanes(ports, mission)
  if (lanes === undefined) await refuseTakenOut(ports, project, mission)
  const lane = lanes?.lanes.find(({ lane_id: id }) => input.target === laneBranch(mission, id))
  if (lane !== undefined)
    throw new KittyError(
      'invalid_input',
      `'${input.target}' is the branch of ${lane.lane_id}, which goes with the merge: nothing can land there`,
      { hint: sh`spec-kitty merge --mission ${mission.slug}` },
    )
  const options = {
    strategy: input.strategy ?? configuredStrategy(config),
    target: ports.git.finalBranch(project.top, input.target ?? requireLanes(ports, mission).target_branch),
    push: input.push ?? false,
    delete_branch: input.deleteBranch ?? true,
    remove_worktree: input.removeWorktree ?? true,
    ...(input.message === undefined ? {} : { message: input.message }),
  }
  const { arrived } = input
  return { project, mission, options, config, arrived, fetch: input.fetch ?? input.push ?? false }
}

function configuredStrategy({ mergeStrategy: word }: ProjectConfig): MergeOptions['strategy'] {
  const known = STRATEGIES.find(strategy => strategy === (word ?? 'squash'))
  if (known) return known
  throw new KittyError('invalid_input', `merge.strategy in .kittify/config.yaml is '${word}'`, {
    hint: sh`Use one of: ${listed(STRATEGIES)}`,
  })
}

async function run(scene: Scene, request: Choices): Promise<MergeHere> {
  const { ports, project } = scene
  const judgement = await judge(ports, request, true)
  const { facts, plan, blockers } = judgement
  if (plan === undefined) {
    const open = blockers[0]?.code !== 'already_merged' && facts.closed === undefined
    if (open) await remember(scene, facts)
    return previewAnswer(scene.version, judgement)
  }
  const { state, told } = plan
  await ports.perform([writeJournal(project, state)])
  const answer = await finish(scene, state, false, judgement.warnings)
  if (answer) {
    await ports.tell(told)
    return answer
  }
  await ports.perform(deleteJournal(ports, project, state.mission_slug))
  throw new KittyError('file_changed', 'A branch was moved by somebody else while the merge was built', {
    hint: sh`Nothing was changed; run the merge again.`,
  })
}

/** A refused merge leaves a note in the git directory, so that `--resume` tries again with the same options. */
async function remember({ ports, project }: Scene, { journal, mission, options }: MergeFacts): Promise<void> {
  if (journal !== undefined && journal.phase !== 'refused') return
  const note = { mission_slug: mission.slug, mission_id: mission.id, options, plan: null, summary: null }
  const state: MergeState = { version: 1, phase: 'refused', started_at: ports.clock.now(), ...note }
  await ports.perform([writeJournal(project, state)])
}

async function finish(
  scene: Scene,
  state: MergeState,
  resumed: boolean,
  warnings: readonly string[] = [],
): Promise<MergeDone | undefined> {
  const { ports, project, mission, version } = scene
  const landing = await land(ports, project, state)
  if (landing === undefined || state.summary === null) return undefined
  await ports.perform(dropPythonState(ports, project, mission))
  const away = await leaveMissionBranch(ports, project, state, landing)
  const left = await leaveHome(ports, project, mission, state, away)
  return doneAnswer(version, state, state.summary, left, resumed, warnings)
}

/** Goes on from the journal; where nothing had moved yet, or everything has since, the merge is built anew. */
async function resume(scene: Scene, input: MergeInput): Promise<MergeHere> {
  const { ports, project, mission } = scene
  const found = resumable(scene)
  const journal = found && input.push === false ? withoutPush(found) : found
  if (journal?.plan) {
    const answer = await finish(scene, journal, true)
    if (answer) {
      await ports.tell(untold(scene, journal))
      return answer
    }
    await ports.perform(deleteJournal(ports, project, mission.slug))
  }
  const request = await choices(scene, input)
  return run(scene, journal ? { ...request, options: journal.options } : request)
}

/** The remote does not take it, and the merge is to be finished here all the same. */
function withoutPush(state: MergeState): MergeState {
  return { ...state, options: { ...state.options, push: false } }
}

/** What the server was not told before the interruption; it knows by its id what it was told. */
function untold({ ports, mission }: Scene, { summary }: MergeState): readonly QueuedFact[] {
  const log = ports.files.text(missionPaths(mission).log)
  if (summary === null || log === undefined) return []
  // The merge is done. A log that somebody damaged meanwhile is for the next command to report.
  return unlessRefused(
    () => toldOfLanded(mission, log, summary),
    () => [],
  )
}

/** The journal to go on from; undefined for one of the Python edition, whose merge is simply done again. */
function resumable({ ports, project, mission }: Scene): MergeState | undefined {
  const journal = readJournal(ports, project, mission.slug)
  if (journal?.phase === 'aborting') {
    throw new KittyError('merge_not_resumable', `The merge of ${mission.slug} is being taken back`, {
      hint: sh`spec-kitty merge --abort --mission ${mission.slug}`,
    })
  }
  if (journal !== undefined || hasPythonState(ports, project, mission)) return journal
  throw new KittyError('no_merge_to_resume', 'No interrupted merge to resume.', {
    hint: sh`Start one: spec-kitty merge --mission ${mission.slug}`,
    data: { mission_slug: mission.slug },
  })
}

async function abort({ ports, project, mission }: Scene): Promise<MergeAborted> {
  const journal = readJournal(ports, project, mission.slug)
  const dropped = dropPythonState(ports, project, mission)
  if (journal === undefined && dropped.length === 0) {
    // Killed while the journal was being written: half of it may lie there.
    await ports.perform(deleteJournal(ports, project, mission.slug))
    return nothingToAbort(mission.slug)
  }
  const restored = journal === undefined ? [] : await takeBack(ports, project, journal)
  await ports.perform(dropped)
  return {
    result: 'aborted',
    mission_slug: mission.slug,
    aborted: true,
    restored_refs: [...restored],
    message: `Aborted merge for ${mission.slug}. ${restored.length > 0 ? `Restored ${restored.join(', ')}.` : 'No branch had moved.'}`,
  }
}

function nothingToAbort(slug: string | null): MergeAborted {
  const message =
    slug === null ? 'No active merge state to abort.' : `No active merge state found for ${slug}.`
  return { result: 'aborted', mission_slug: slug, aborted: false, restored_refs: [], message }
}
