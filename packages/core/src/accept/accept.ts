/** `accept`: judges a mission ready and records it in one commit (ADR 0012). */
import type { Accept, Accepted, AcceptSummary } from '@spec-kitty/contracts/cli/accept'
import { KittyError } from '@spec-kitty/contracts/errors'
import { isArray, type JsonObject } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { type StatusFacts, viewStatus } from '../repo/log/emit.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { editMeta } from '../repo/mission/meta.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { readConfig } from '../repo/project/config.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import { join } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { type Decision, type Scene, write } from '../write/write.ts'
import { acceptFacts } from './facts.ts'
import { printMatrix } from './matrix.ts'
import { prMerge } from './pr-merge.ts'
import { type AcceptFacts, isFinished, summarize } from './rules.ts'

export type AcceptMode = 'auto' | 'pr' | 'local' | 'checklist'

export interface AcceptInput {
  readonly mission?: string | undefined
  readonly mode?: AcceptMode | undefined
  readonly actor?: string | undefined
  /** Commands that must succeed. */
  readonly test?: readonly string[] | undefined
  readonly lenient?: boolean | undefined
  /**
   * By the orchestrator API: refuse only for unfinished work packages; everything else that is amiss is told in the
   * summary. meta.json names it as the mode.
   */
  readonly byOrchestrator?: boolean | undefined
  /** False: report readiness and write nothing. */
  readonly commit?: boolean | undefined
  readonly diagnose?: boolean | undefined
  /** The commit by which a forge landed the mission; only with the mode `pr`. */
  readonly mergeCommit?: string | undefined
  /** The user says that the first parent of that commit is what the target was before. */
  readonly attestFirstLandingCommit?: boolean | undefined
  readonly autoCommit?: boolean | undefined
}

/**
 * The record of an acceptance, or what is in its way (`ok: false`). `diagnose`, `checklist` and `commit: false`
 * write nothing. Lanes are not changed.
 */
export async function accept(ports: Ports, input: AcceptInput): Promise<Accept> {
  if (input.diagnose === true || input.mode === 'checklist' || input.commit === false) {
    return await report(ports, input)
  }
  return await write<Accept>(ports, input, async scene => {
    const facts = await read(ports, scene, await scene.status(), input)
    const summary = summarize(facts)
    const ready = input.byOrchestrator === true ? summary.all_done : summary.ok
    if (!ready) return { answer: refused(facts, summary) }
    return planAccept(ports, scene.mission, facts, input, await record(ports, scene, input))
  })
}

async function report(ports: Ports, input: AcceptInput): Promise<Accept> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const mission = resolveMission(ports, project, input.mission)
  const config = await readConfig(ports, project)
  const status = await viewStatus(ports, project, mission)
  const facts = await read(ports, { project, mission, config }, status, input)
  const summary = summarize(facts)
  const finished = { ...summary, ...finishedIn(facts) }
  if (input.diagnose === true) return { ...finished, diagnose: true }
  if (input.mode === 'checklist') return finished
  return summary.ok
    ? acceptedOf(facts, summary, await record(ports, { project, mission }, input))
    : refused(facts, summary)
}

function read(
  ports: Ports,
  { project, mission, config }: Pick<Scene, 'project' | 'mission' | 'config'>,
  status: StatusFacts,
  input: AcceptInput,
): Promise<AcceptFacts> {
  return acceptFacts(ports, project, mission, config, status, {
    lenient: input.lenient ?? false,
    tests: input.test ?? [],
    execute: input.diagnose !== true,
    autoCommit: input.autoCommit,
  })
}

/** The summary is the answer of 3.2.0; the words that every refusal has stand beside it. */
function refused(facts: AcceptFacts, summary: AcceptSummary): AcceptSummary {
  const [first, ...others] = summary.failed_checks
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return {
    ...summary,
    ...finishedIn(facts),
    error: `Mission '${summary.mission_slug}' is not ready: ${first?.detail ?? 'unknown'}${more}`,
    code: 'not_ready',
    ...(first === undefined ? {} : { hint: first.remedy }),
  }
}

interface AcceptRecord {
  readonly at: string
  readonly by: string
  readonly mode: 'pr' | 'local'
  readonly byOrchestrator: boolean
  /** Of the landing by a forge. */
  readonly landing: JsonObject
  readonly parent: string | null
}

async function record(
  ports: Ports,
  { project, mission }: Pick<Scene, 'project' | 'mission'>,
  input: AcceptInput,
): Promise<AcceptRecord> {
  const [name] =
    input.actor === undefined ? await ports.git.config(project.top, ['user.name']) : [input.actor]
  const mode =
    input.mode === 'pr' || input.mode === 'local' ? input.mode : hasRemote(ports, project) ? 'pr' : 'local'
  const at = ports.clock.now()
  const { mergeCommit: commit, attestFirstLandingCommit: attested = false } = input
  if (commit !== undefined && mode !== 'pr') {
    throw new KittyError('usage', `--merge-commit goes with --mode pr only, and the mode is ${mode}`, {
      hint: sh`spec-kitty accept --mode pr --merge-commit ${commit} --mission ${mission.slug}`,
    })
  }
  const landing = commit === undefined ? {} : await prMerge(ports, project, mission, { commit, attested, at })
  return {
    at,
    by: name ?? 'user',
    mode,
    byOrchestrator: input.byOrchestrator ?? false,
    landing,
    parent: ports.git.head(project.top).sha,
  }
}

/** Read from git's own file: no process for one word. */
function hasRemote(ports: Pick<Ports, 'files'>, project: Project): boolean {
  return /^[ \t]*\[remote "/m.test(ports.files.text(join(project.commonDir, 'config')) ?? '')
}

function planAccept(
  ports: Ports,
  mission: Mission,
  facts: AcceptFacts,
  input: AcceptInput,
  entry: AcceptRecord,
): Decision<Accept> {
  const { matrix } = facts
  const paths = missionPaths(mission)
  const answer = { ...acceptedOf(facts, summarize(facts), entry), recorded: true }
  return {
    files: [
      ...editMeta(ports, mission, { ...recordOf(mission, entry, input.test ?? []), ...entry.landing }),
      ...(matrix === undefined || !facts.matrixChanged
        ? []
        : [{ kind: 'write_file', path: paths.matrix, content: printMatrix(matrix) } as const]),
    ],
    // Evidence that a person recorded and did not commit is part of what is accepted.
    paths: [paths.meta, ...(matrix === undefined ? [] : [paths.matrix])],
    phase: true,
    message: `Accept ${mission.slug}`,
    answer,
    committed: commit => ({ ...answer, commit_created: true, record_commit: commit }),
  }
}

/** The acceptance and its history, as meta.json has them; a commit cannot hold its own id, so the accepted one is named. */
function recordOf({ meta }: Mission, entry: AcceptRecord, tests: readonly string[]): JsonObject {
  const now: JsonObject = {
    accepted_at: entry.at,
    accepted_by: entry.by,
    acceptance_mode: entry.byOrchestrator ? 'orchestrator' : entry.mode,
    accepted_from_commit: entry.parent,
    accept_commit: entry.parent,
  }
  const history = isArray(meta.acceptance_history) ? meta.acceptance_history : []
  const line: JsonObject = tests.length === 0 ? now : { ...now, validation_commands: tests }
  return { ...now, acceptance_history: [...history, line] }
}

function acceptedOf(facts: AcceptFacts, summary: AcceptSummary, entry: AcceptRecord): Accepted {
  const finished = finishedIn(facts)
  const pending = finished.merge_pending_wps
  return {
    accepted_at: entry.at,
    accepted_by: entry.by,
    mode: entry.mode,
    parent_commit: entry.parent,
    accept_commit: entry.parent,
    record_commit: null,
    commit_created: false,
    recorded: false,
    instructions: instructionsFor(facts.mission, pending.length > 0, entry.mode),
    cleanup_instructions:
      pending.length > 0 ? ['merge removes the lane worktrees and branches'] : ['spec-kitty context cleanup'],
    notes: facts.tests.map(run => `Passed: ${run.command}`),
    ...finished,
    summary,
  }
}

function finishedIn({ workPackages }: AcceptFacts) {
  const ids = (lane: string): string[] => workPackages.filter(wp => wp.lane === lane).map(wp => wp.id)
  return {
    accepted_wps: workPackages.filter(isFinished).map(wp => wp.id),
    approved_wps: ids('approved'),
    done_wps: ids('done'),
    merge_pending_wps: ids('approved'),
  }
}

function instructionsFor(
  { slug, targetBranch, homeBranch }: AcceptFacts['mission'],
  pending: boolean,
  mode: 'pr' | 'local',
): string[] {
  const byForge = homeBranch !== targetBranch
  const merge = !pending
    ? []
    : byForge
      ? [sh`spec-kitty merge --pr --dry-run --mission ${slug}`, sh`spec-kitty merge --pr --mission ${slug}`]
      : [sh`spec-kitty merge --dry-run --mission ${slug}`, sh`spec-kitty merge --mission ${slug}`]
  const publish = mode === 'pr' && !byForge ? [sh`git push origin ${targetBranch}`] : []
  const steps = [...merge, ...publish]
  return steps.length === 0 ? ['Nothing left to do: the mission is merged'] : steps
}
