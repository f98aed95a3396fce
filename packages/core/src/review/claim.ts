/** `agent action review`: claims a work package for review and gathers what the reviewer needs (docs/lanes.md). */

import type { AgentActionReview } from '@spec-kitty/contracts/cli/agent-action-review'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Sha } from '@spec-kitty/contracts/ids'
import type { Json, JsonObject } from '@spec-kitty/contracts/json'
import type { Lane } from '@spec-kitty/contracts/lanes'
import { sh } from '@spec-kitty/contracts/sh'
import { requireAgent } from '../lanes/action.ts'
import { findLost, lastStand, WITNESSES } from '../repo/lanes/lost.ts'
import { executionLane, readLanes } from '../repo/lanes/manifest.ts'
import { laneBranch, laneDirectory, PLANNING_LANE } from '../repo/lanes/names.ts'
import { laneSite, placeLane, siteTrouble } from '../repo/lanes/place.ts'
import { actorName, isActor } from '../repo/log/actor.ts'
import { annotationRows, holderNews } from '../repo/log/annotation.ts'
import { readAuthors } from '../repo/log/authors.ts'
import { drawStamps, type StatusFacts } from '../repo/log/emit.ts'
import { stateOf, laneOf as statusLane } from '../repo/log/reduce.ts'
import { requireTransition, standing } from '../repo/log/transition.ts'
import { isBookkeeping } from '../repo/mission/bookkeeping.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { isQuick } from '../repo/mission/types.ts'
import type { ProjectConfig } from '../repo/project/config.ts'
import type { Project } from '../repo/project/locate.ts'
import { revision } from '../repo/project/revision.ts'
import { isRejected, latestCycle, type ReviewCycle } from '../repo/review/cycle.ts'
import { askOther } from '../repo/review/independence.ts'
import { addActivity } from '../repo/tasks/activity.ts'
import { editFrontMatter, printFrontMatter } from '../repo/tasks/front-matter.ts'
import {
  agentEdit,
  findWorkPackage,
  readWorkPackages,
  type WorkPackage,
  type WorkPackages,
} from '../repo/tasks/work-package.ts'
import { join } from '../text/paths.ts'
import { wpKey } from '../text/wp-id.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { type Decision, type Scene, write } from '../write/write.ts'
import { approveCommand, rejectCommand, reviewPrompt } from './prompt.ts'

export interface ReviewInput {
  /** Left out: the first package that waits for review. */
  readonly wpId?: string | undefined
  readonly mission?: string | undefined
  readonly agent?: string | undefined
  /** What an orchestrator declares about the agent, and where its review is to be found; both go into the event. */
  readonly policyMetadata?: JsonObject | undefined
  readonly reviewRef?: string | undefined
  readonly autoCommit?: boolean | undefined
}

interface ReviewFacts {
  readonly project: Project
  readonly mission: Mission
  readonly config: ProjectConfig
  readonly status: StatusFacts
  readonly wp: WorkPackage
  readonly lane: Lane
  readonly review: ReviewCycle | undefined
  readonly place: Place
  /** Those of spec.md and plan.md that are there. */
  readonly documents: readonly string[]
}

interface Place {
  readonly laneId: string
  readonly branch: string
  /** Absolute: the lane's worktree, or the checkout for planning work. */
  readonly directory: string
  readonly tip: Sha | null
  readonly base: Sha | null
  readonly changed: readonly string[]
  /** Makes the worktree again when only its branch is left. */
  readonly changes: readonly Change[]
  /** There is no branch, so nothing to look at. */
  readonly lost?: KittyError
}

/** Refuses with `illegal_transition` what does not wait for review, and `claimed_by_other` naming the reviewer. */
export async function claimReview(ports: Ports, input: ReviewInput): Promise<AgentActionReview> {
  const reviewer = requireAgent(input.agent, 'review')
  return write(ports, input, async scene => {
    const facts = await reviewFacts(ports, scene, input, reviewer)
    const holder = stateOf(facts.status.reduction, facts.wp.id)?.actor ?? null
    const claimed = requireReviewable(facts, holder, reviewer)
    if (claimed) judgeIndependence(ports, facts, reviewer)
    if (facts.place.lost !== undefined) throw facts.place.lost
    return {
      files: facts.place.changes,
      ...(await planClaim(ports, facts, reviewer, claimed, input)),
      answer: answerOf(ports, facts, reviewer, claimed),
    }
  })
}

async function reviewFacts(
  ports: Ports,
  scene: Scene,
  input: ReviewInput,
  reviewer: string,
): Promise<ReviewFacts> {
  const { project, mission, config } = scene
  const status = await scene.status()
  const wp =
    input.wpId === undefined
      ? nextWaiting(await readWorkPackages(ports, mission), status, mission, reviewer)
      : await findWorkPackage(ports, mission, input.wpId)
  const [review, place] = await Promise.all([
    latestCycle(ports, mission, wp.id, status.reduction),
    placeOf(ports, project, mission, wp),
  ])
  const documents = ['spec.md', 'plan.md'].filter(
    name => ports.files.stat(join(mission.dir, name)) !== undefined,
  )
  const lane = statusLane(status.reduction, wp.id)
  return { project, mission, config, status, wp, lane, review, place, documents }
}

/** What others built comes first; nobody gets its own work as long as somebody else takes part in the mission. */
function nextWaiting(
  { found, unread }: WorkPackages,
  status: StatusFacts,
  mission: Mission,
  reviewer: string,
): WorkPackage {
  const authors = readAuthors(status.log.text)
  const waiting = found.filter(item => statusLane(status.reduction, item.id) === 'for_review')
  const [own] = waiting
  const foreign = waiting.find(item => authors.get(wpKey(item.id))?.builder !== reviewer)
  if (foreign !== undefined) return foreign
  const others = [...authors.values()].flatMap(({ builder, approver }) => [builder, approver])
  if (own !== undefined && others.some(name => name !== undefined && name !== reviewer)) {
    throw new KittyError(
      'not_ready',
      `Only ${waiting.map(item => item.id).join(', ')} waits for review, which ${reviewer} built: somebody else is to look at it`,
      { hint: sh`See the board: spec-kitty agent tasks status --mission ${mission.slug}` },
    )
  }
  if (own !== undefined) return own
  const illegible = unread.find(({ id }) => statusLane(status.reduction, id) === 'for_review')
  if (illegible !== undefined) throw illegible.error
  throw new KittyError('not_ready', `No work package of '${mission.slug}' waits for review`, {
    hint: sh`See the board: spec-kitty agent tasks status --mission ${mission.slug}`,
  })
}

/** Who reviews its own work is told, or refused where the project wants independent reviews. */
function judgeIndependence(ports: Ports, facts: ReviewFacts, reviewer: string): void {
  const { wp, mission, config, status } = facts
  if (config.independence === 'off') return
  if (readAuthors(status.log.text).get(wpKey(wp.id))?.builder !== reviewer) return
  const { message, hint } = askOther(wp.id, reviewer, mission.slug)
  if (config.independence === 'require') throw new KittyError('guard_failed', message, { hint })
  ports.note(`Note: ${reviewer} built ${wp.id} as well: a review by somebody else finds more.`)
}

/** Where the code is and what changed: three git processes at most. */
async function placeOf(ports: Ports, project: Project, mission: Mission, wp: WorkPackage): Promise<Place> {
  const manifest = readLanes(ports, mission)
  const laneId =
    (manifest === undefined ? undefined : executionLane(manifest, wp.id))?.lane_id ?? PLANNING_LANE
  const directory = laneDirectory(project, mission, laneId)
  if (laneId === PLANNING_LANE || manifest === undefined) {
    const { branch, sha } = ports.git.head(project.top)
    const base = await commitOf(ports, project, wp.baseCommit)
    const changed = base === null || sha === null ? [] : await ports.git.changedPaths(project.top, base, sha)
    return {
      laneId,
      branch: branch ?? mission.homeBranch,
      directory,
      tip: sha,
      base,
      changed: changed.filter(path => !isBookkeeping(mission, path)),
      changes: [],
    }
  }
  const branch = laneBranch(mission, laneId)
  const start = wp.baseCommit ?? `refs/heads/${manifest.mission_branch}`
  const [tip, base] = await ports.git.resolve(project.top, [`refs/heads/${branch}`, start])
  if (tip == null) {
    const lost = await nothingToReview(ports, project, wp, branch, directory)
    return { laneId, branch, directory, tip: null, base: null, changed: [], changes: [], lost }
  }
  const site = laneSite(ports.files, await ports.git.worktrees(project.top), directory, branch)
  const trouble = site.locked.length === 0 ? undefined : await siteTrouble(ports, site, branch)
  if (trouble !== undefined) throw new KittyError('not_ready', trouble.message, { hint: trouble.remedy })
  const absent = site.worktree === undefined && site.folder !== 'present' && site.elsewhere === undefined
  return {
    laneId,
    branch,
    directory,
    tip,
    base: base ?? null,
    changed: base == null ? [] : await ports.git.changedPaths(project.top, base, tip),
    changes: absent ? placeLane(project.top, site, branch) : [],
  }
}

async function nothingToReview(
  ports: Ports,
  { top, commonDir }: Project,
  wp: WorkPackage,
  branch: string,
  directory: string,
): Promise<KittyError> {
  const refs = await ports.git.refs(top, WITNESSES)
  const stood = lastStand(ports.files, commonDir, directory)
  const found = findLost({ branch, refs, stood, recorded: wp.baseCommit ?? undefined })
  return new KittyError('lane_branch_lost', `${wp.id} cannot be reviewed: its branch '${branch}' is gone`, {
    hint: found?.remedy ?? sh`git fsck --no-reflogs --lost-found`,
    data: { wp_id: wp.id, branch },
  })
}

async function commitOf(ports: Ports, project: Project, commit: string | null): Promise<Sha | null> {
  if (commit === null) return null
  const [sha] = await ports.git.resolve(project.top, [commit])
  return sha ?? null
}

/** True when the claim is new, false when this reviewer has it already. */
function requireReviewable(facts: ReviewFacts, holder: Json, reviewer: string): boolean {
  const { lane, wp, mission } = facts
  if (lane === 'for_review') return true
  if (lane === 'in_review' && isActor(holder, reviewer)) return false
  if (lane === 'in_review') {
    const who = actorName(holder)
    throw new KittyError(
      'claimed_by_other',
      `${wp.id} already claimed for review by ${who}; cannot be claimed by ${reviewer}`,
      {
        hint: sh`Let ${who} finish, or review another one: spec-kitty agent tasks status --mission ${mission.slug}`,
        data: { wp_id: wp.id, reviewer: who },
      },
    )
  }
  const remedy =
    lane === 'in_progress'
      ? sh`spec-kitty agent tasks move-task ${wp.id} --to for_review --mission ${mission.slug}`
      : sh`spec-kitty agent tasks status --mission ${mission.slug}`
  throw new KittyError(
    'illegal_transition',
    `${wp.id} is in ${lane}. Only work packages in 'for_review' can start workflow review.`,
    { hint: remedy, data: { wp_id: wp.id, lane } },
  )
}

/** For a claim that stands already: what a run that was killed left undone, nothing otherwise. */
async function planClaim(
  ports: Ports,
  { mission, status, wp }: ReviewFacts,
  reviewer: string,
  claimed: boolean,
  { policyMetadata, reviewRef }: ReviewInput,
): Promise<Omit<Decision<unknown>, 'answer' | 'committed'>> {
  const [first, stamp = first] = drawStamps(ports, status, 2)
  const request = { wpId: wp.id, to: 'in_review', actor: reviewer, policyMetadata, reviewRef } as const
  const from = standing(status.reduction, wp.id)
  const recorded = !claimed && wp.agent === reviewer
  const events = claimed ? [requireTransition(mission, from, request, stamp)] : []
  if (recorded) return { events, paths: [wp.path], message: claimMessage(wp, reviewer) }
  const shellPid = String(ports.env.pid)
  // It names who acts on the package now: move-task checks `--agent` against it.
  const edited = await editFrontMatter(ports, wp.file, {
    ...agentEdit(wp.file.fields, reviewer),
    shell_pid: shellPid,
  })
  const entry = { at: stamp.at, actor: reviewer, shellPid, note: 'Started review' }
  const content = printFrontMatter(addActivity(edited, entry))
  const said = { role: 'reviewer', shell_pid_created_at: ports.env.startedAt }
  const about = { id: wp.id, fields: edited.fields }
  const news = holderNews(status.reduction, events, about, said)
  return {
    events: [...annotationRows(mission, wp.id, reviewer, news, first), ...events],
    afterLog: [{ kind: 'write_file', path: wp.path, content, expect: printFrontMatter(wp.file) }],
    paths: [wp.path],
    message: claimMessage(wp, reviewer),
  }
}

function claimMessage(wp: WorkPackage, reviewer: string): string {
  return `chore: Start ${wp.id} review [${reviewer}]`
}

function answerOf(
  ports: Pick<Ports, 'git'>,
  facts: ReviewFacts,
  reviewer: string,
  claimed: boolean,
): AgentActionReview {
  const { mission, wp, place, review } = facts
  const names = { wpId: wp.id, missionSlug: mission.slug, reviewer }
  const range =
    place.base === null
      ? 'HEAD'
      : `${place.base.slice(0, 12)}..${place.laneId === PLANNING_LANE ? 'HEAD' : revision(ports.git, facts.project.top, place.branch)}`
  // In the checkout itself the log of the mission is part of the branch.
  const paths = isQuick(mission) ? ['--', '.', `:(exclude)${mission.rel}`] : []
  const diffCommand = sh`git -C ${place.directory} diff ${[range, ...paths]}`
  const cycle = (review?.number ?? 0) + 1
  const prompt = reviewPrompt({
    ...names,
    title: wp.title,
    workspace: place.directory,
    branch: place.branch,
    missionDir: mission.dir,
    wpFile: wp.path,
    body: wp.body,
    diffCommand,
    changedFiles: place.changed,
    documents: facts.documents,
    ownedFiles: wp.ownedFiles,
    cycle,
    lastFeedback:
      review !== undefined && isRejected(review) ? { path: review.path, text: review.feedback } : undefined,
  })
  return {
    result: 'success',
    wp_id: wp.id,
    mission_slug: mission.slug,
    lane: 'in_review',
    reviewer,
    claimed,
    lane_id: place.laneId,
    workspace_path: place.directory,
    branch: place.branch,
    base_commit: place.base,
    diff_command: diffCommand,
    changed_files: [...place.changed],
    review_cycle: cycle,
    wp_file: wp.path,
    approve_command: approveCommand(names),
    reject_command: rejectCommand(names),
    prompt,
  }
}
