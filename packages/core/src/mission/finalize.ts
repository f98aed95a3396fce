/**
 * From written tasks to a mission that can be built: front matter completed, lanes computed, first events, one commit
 * (docs/missions.md). Everything is checked before anything is written, and all problems are told at once.
 *
 * The commit holds what was validated: the work package files, tasks.md, and spec.md and plan.md if they were edited.
 */
import type { FinalizeTasks, FinalizeTasksPreview } from '@spec-kitty/contracts/cli/finalize-tasks'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { printLanes } from '../repo/lanes/manifest.ts'
import { drawStamps } from '../repo/log/emit.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { editMeta } from '../repo/mission/meta.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { refusal } from '../repo/mission/problems.ts'
import { refuseTakenOut } from '../repo/mission/taken-out.ts'
import { readTaskGraph, type TaskGraph } from '../repo/tasks/task-graph.ts'
import { relativeTo } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { rehearse } from '../write/rehearse.ts'
import { type Scene, write } from '../write/write.ts'
import { type FinalizeFacts, readFinalizeFacts } from './finalize-facts.ts'
import {
  finalizeProblems,
  ownershipOf,
  ownershipWarnings,
  planEdits,
  planFacts,
  planLanes,
  scaffoldMatrix,
  unseeded,
} from './finalize-plan.ts'
import {
  bootstrapOf,
  editFiles,
  type FinalizeInput,
  mutable,
  planEvents,
  previewOf,
  sortEdits,
  type WpEdit,
} from './finalize-steps.ts'

type Finalized = Omit<FinalizeTasks, 'spec_kitty_version'> | Omit<FinalizeTasksPreview, 'spec_kitty_version'>

/**
 * Checks and finalizes the tasks of a mission; with `validateOnly` reports what would be written. Throws
 * `tasks_invalid` with all problems, `mission_incomplete`, `protected_branch`, what naming a mission throws.
 */
export async function finalizeTasks(ports: Ports, input: FinalizeInput): Promise<Finalized> {
  const preview = input.validateOnly === true
  return await write<Finalized>(preview ? rehearse(ports).ports : ports, input, async scene => {
    await refuseTakenOut(ports, scene.project, scene.mission)
    const prepared = await prepare(ports, scene, requireTarget(scene.mission, input.targetBranch))
    if (preview) return { answer: describePreview(prepared) }
    const { top } = scene.project
    const before = ports.git.head(top).sha
    return {
      ...prepared,
      phase: true,
      message: `Add tasks for feature ${scene.mission.slug}`,
      answer: describeResult(prepared, null, []),
      committed: async commit => {
        const { log, snapshot } = missionPaths(scene.mission)
        const paths = [...prepared.paths, log, snapshot].map(path => relativeTo(top, path))
        const changed = before === null ? paths : await ports.git.changedPaths(top, before, commit)
        return describeResult(
          prepared,
          commit,
          paths.filter(path => changed.includes(path)),
        )
      },
    }
  })
}

function requireTarget(mission: Mission, option: string | undefined): string {
  const { target_branch: stored } = mission.meta
  if (option !== undefined && option !== '') return option
  if (typeof stored === 'string' && stored !== '') return stored
  throw new KittyError(
    'mission_incomplete',
    `${mission.rel}/meta.json does not say which branch to merge into`,
    {
      hint: sh`spec-kitty agent mission finalize-tasks --mission ${mission.slug} --target-branch main`,
      data: { error_code: 'PLANNING_BRANCH_NOT_PERSISTED', mission_slug: mission.slug },
    },
  )
}

interface Prepared {
  readonly facts: FinalizeFacts
  readonly graph: TaskGraph
  readonly lanes: LanesJson
  readonly edits: readonly WpEdit[]
  readonly seeded: readonly string[]
  readonly warnings: readonly string[]
  readonly files: readonly Change[]
  readonly events: readonly JsonObject[]
  /** Absolute; what a commit takes. */
  readonly paths: readonly string[]
}

async function prepare(ports: Ports, scene: Scene, target: string): Promise<Prepared> {
  const { mission } = scene
  const facts = await readFinalizeFacts(ports, scene)
  const graph = readTaskGraph(facts.packages, facts.ids, facts.tasksText)
  const ownership = ownershipOf(facts.packages)
  const lanes = planLanes(facts, graph, ownership, target, ports.clock.now())
  const problems = finalizeProblems(facts, graph, ownership, lanes)
  const refused = refusal(`The tasks of ${mission.slug} cannot be finalized`, problems)
  if (refused !== undefined) throw refused
  const edits = facts.packages.flatMap((item, i) => {
    const owner = ownership[i]
    return owner === undefined ? [] : [{ item, fields: planEdits(item, graph, owner, target) }]
  })
  const drafts = planFacts(facts, graph)
  const seeded = unseeded(facts)
  const stamps = drawStamps(ports, facts.status, drafts.length + seeded.length)
  const { spec, plan, tasksFile, lanes: lanesFile, matrix, meta } = missionPaths(mission)
  return {
    facts,
    graph,
    lanes,
    edits,
    seeded,
    warnings: ownershipWarnings(facts, ownership),
    files: [...(await editFiles(ports, edits)), ...documents(ports, facts, lanes, target)],
    events: planEvents(facts, drafts, seeded, stamps),
    paths: [...facts.packages.map(item => item.path), spec, plan, tasksFile, lanesFile, matrix, meta],
  }
}

function documents(
  ports: Pick<Ports, 'files'>,
  facts: FinalizeFacts,
  lanes: LanesJson,
  target: string,
): readonly Change[] {
  const { mission } = facts.status
  const paths = missionPaths(mission)
  const changes: Change[] = []
  if (lanes !== facts.lanes)
    changes.push({ kind: 'write_file', path: paths.lanes, content: printLanes(lanes) })
  if (!facts.matrixExists) {
    const content = scaffoldMatrix(mission, facts.spec)
    changes.push({ kind: 'write_file', path: paths.matrix, content, expect: null })
  }
  return [...changes, ...editMeta(ports, mission, { target_branch: target })]
}

function shared({ facts, graph, warnings }: Prepared, modified: readonly WpEdit[]) {
  return {
    mission_slug: facts.status.mission.slug,
    wp_count: facts.packages.length,
    updated_wp_count: modified.length,
    dependencies_parsed: mutable(graph.dependencies),
    requirement_refs_parsed: mutable(graph.requirements),
    ownership_warnings: [...warnings],
    dependency_warnings: [...graph.warnings],
  }
}

function lanesOf(lanes: LanesJson) {
  return {
    computed: true,
    count: lanes.lanes.length,
    lane_ids: lanes.lanes.map(lane => lane.lane_id),
    planning_artifact_wps: lanes.planning_artifact_wps,
    collapse_report: lanes.collapse_report ?? {
      events: [],
      total_merges: 0,
      independent_wps_collapsed: 0,
      by_rule: {},
    },
  }
}

function describeResult(
  prepared: Prepared,
  commit: string | null,
  committed: string[],
): Omit<FinalizeTasks, 'spec_kitty_version'> {
  const { modified, unchanged, preserved } = sortEdits(prepared.edits, prepared.graph.preserved)
  return {
    result: 'success',
    ...shared(prepared, modified),
    modified_wps: modified.map(({ item }) => item.id),
    unchanged_wps: unchanged,
    preserved_wps: preserved,
    tasks_dir: missionPaths(prepared.facts.status.mission).tasksDir,
    commit_created: commit !== null,
    commit_hash: commit,
    files_committed: committed,
    bootstrap: bootstrapOf(prepared.facts.packages.length, prepared.seeded),
    lanes: lanesOf(prepared.lanes),
  }
}

function describePreview(prepared: Prepared): Omit<FinalizeTasksPreview, 'spec_kitty_version'> {
  const { modified, unchanged, preserved } = sortEdits(prepared.edits, prepared.graph.preserved)
  return {
    result: 'validation_passed',
    validate_only: true,
    ...shared(prepared, modified),
    would_modify: previewOf(modified),
    unchanged,
    would_preserve: preserved,
    validation: {
      bootstrap_preview: bootstrapOf(prepared.facts.packages.length, prepared.seeded),
      lanes_preview: lanesOf(prepared.lanes),
    },
    message: 'All validations passed. Run without --validate-only to write and commit.',
  }
}
