/**
 * `agent tasks finalize-tasks`: dependencies into the front matter and the first events, without requirements, ownership
 * and lanes. The larger twin is finalize.ts.
 */
import type { SeedTasks } from '@spec-kitty/contracts/cli/finalize-tasks'
import { drawStamps } from '../repo/log/emit.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { refusal } from '../repo/mission/problems.ts'
import type { FieldEdits } from '../repo/tasks/front-matter.ts'
import { readTaskGraph, type TaskGraph } from '../repo/tasks/task-graph.ts'
import type { WorkPackage } from '../repo/tasks/work-package.ts'
import type { Ports } from '../world/ports.ts'
import { rehearse } from '../write/rehearse.ts'
import { write } from '../write/write.ts'
import { type FinalizeFacts, readFinalizeFacts } from './finalize-facts.ts'
import { unreadableProblems, unseeded } from './finalize-plan.ts'
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

/** Throws as `finalizeTasks` does. */
export async function seedTasks(ports: Ports, input: FinalizeInput): Promise<SeedTasks> {
  const preview = input.validateOnly === true
  return await write(preview ? rehearse(ports).ports : ports, input, async scene => {
    const { mission } = scene
    const facts = await readFinalizeFacts(ports, scene)
    const graph = readTaskGraph(facts.packages, facts.ids, facts.tasksText)
    const refused = refusal(`The tasks of ${mission.slug} cannot be finalized`, [
      ...unreadableProblems(facts),
      ...graph.problems,
    ])
    if (refused !== undefined) throw refused
    const seeded = unseeded(facts)
    const edits = facts.packages.map(item => ({ item, fields: dependencyEdit(item, graph) }))
    const answer = describeSeed({ facts, graph, edits, seeded, preview })
    if (preview) return { answer }
    const stamps = drawStamps(ports, facts.status, Math.max(seeded.length, 1))
    return {
      files: await editFiles(ports, edits),
      events: planEvents(facts, [], seeded, stamps),
      paths: [...facts.packages.map(item => item.path), missionPaths(mission).tasksFile],
      phase: true,
      message: `Add tasks for feature ${mission.slug}`,
      answer,
    }
  })
}

function dependencyEdit(item: WorkPackage, graph: TaskGraph): FieldEdits {
  const dependencies = graph.dependencies.get(item.id) ?? []
  const { dependencies: before } = item.file.fields
  return JSON.stringify(before) === JSON.stringify(dependencies) ? {} : { dependencies }
}

interface Seeded {
  readonly facts: FinalizeFacts
  readonly graph: TaskGraph
  readonly edits: readonly WpEdit[]
  readonly seeded: readonly string[]
  readonly preview: boolean
}

function describeSeed({ facts, graph, edits, seeded, preview }: Seeded): SeedTasks {
  const { mission } = facts.status
  const { modified, unchanged, preserved } = sortEdits(edits, graph.preserved)
  const lists = preview
    ? {
        validate_only: true as const,
        would_modify: previewOf(modified),
        unchanged,
        would_preserve: preserved,
      }
    : {
        modified_wps: modified.map(({ item }) => item.id),
        unchanged_wps: unchanged,
        preserved_wps: preserved,
      }
  const detail = (id: string) =>
    seeded.includes(id) ? (preview ? 'would_seed' : 'initialized') : 'already_exists'
  return {
    result: preview ? 'validation_passed' : 'success',
    mission_slug: mission.slug,
    mission_number: mission.number,
    mission_type: mission.type,
    updated_wp_count: modified.length,
    ...lists,
    dependencies: mutable(graph.dependencies),
    dependency_warnings: [...graph.warnings],
    bootstrap: {
      ...bootstrapOf(facts.packages.length, seeded),
      skipped: 0,
      wp_details: Object.fromEntries(facts.packages.map(({ id }) => [id, detail(id)])),
    },
  }
}
