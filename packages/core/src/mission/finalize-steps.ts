/** Steps that both finalize-tasks commands share. */

import { type AppendPlan, planAppend } from '../repo/log/emit.ts'
import { type LifecycleDraft, lifecycleRow } from '../repo/log/lifecycle-rows.ts'
import { requireTransition, type Stamp, standing } from '../repo/log/transition.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { readConfig } from '../repo/project/config.ts'
import { locateProject, type Project } from '../repo/project/locate.ts'
import { editFrontMatter, type FieldEdits, printFrontMatter } from '../repo/tasks/front-matter.ts'
import type { WorkPackage } from '../repo/tasks/work-package.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { planCommit, refuseProtected } from '../write/commit.ts'
import type { FinalizeFacts } from './finalize-facts.ts'

export interface FinalizeInput {
  readonly mission?: string | undefined
  readonly targetBranch?: string | undefined
  readonly validateOnly?: boolean | undefined
  readonly autoCommit?: boolean | undefined
}

export interface Place {
  readonly project: Project
  readonly mission: Mission
  readonly config: Awaited<ReturnType<typeof readConfig>>
}

/** Where the command works. Throws `protected_branch` unless it only looks. */
export async function open(ports: Ports, input: FinalizeInput): Promise<Place> {
  const project = locateProject(ports)
  const mission = resolveMission(ports, project, input.mission)
  const config = await readConfig(ports, project)
  if (input.validateOnly !== true) refuseProtected(ports, project, config, input.autoCommit)
  return { project, mission, config }
}

export function commitOf(
  place: Place,
  { paths }: { readonly paths: readonly string[] },
  input: FinalizeInput,
): readonly Change[] {
  const message = `Add tasks for feature ${place.mission.slug}`
  return planCommit(place.project, place.config, { paths, message, autoCommit: input.autoCommit })
}

export interface WpEdit {
  readonly item: WorkPackage
  readonly fields: FieldEdits
}

/** Lifecycle rows first, then `genesis → planned` of those that have no event yet. */
export function planEvents(
  facts: Pick<FinalizeFacts, 'status'>,
  drafts: readonly LifecycleDraft[],
  seeded: readonly string[],
  stamps: readonly [Stamp, ...Stamp[]],
): AppendPlan {
  const { mission, reduction } = facts.status
  const rows = drafts.map((draft, i) => lifecycleRow(draft, stamps[i] ?? stamps[0]))
  const seeds = seeded.map((wpId, i) =>
    requireTransition(
      mission,
      standing(reduction, wpId),
      { wpId, to: 'planned', actor: 'finalize-tasks', reason: 'canonical bootstrap' },
      stamps[drafts.length + i] ?? stamps[0],
    ),
  )
  return planAppend(facts.status, [...rows, ...seeds])
}

export async function editFiles(ports: Ports, edits: readonly WpEdit[]): Promise<readonly Change[]> {
  const changes: Change[] = []
  for (const { item, fields } of edits) {
    if (Object.keys(fields).length === 0) continue
    const before = printFrontMatter(item.file)
    const content = printFrontMatter(await editFrontMatter(ports, item.file, fields, 'plain'))
    changes.push({ kind: 'write_file', path: item.path, content, expect: before })
  }
  return changes
}

/** Work package ids by what happens to their files. */
export function sortEdits(edits: readonly WpEdit[], preserved: ReadonlySet<string>) {
  const modified = edits.filter(({ fields }) => Object.keys(fields).length > 0)
  const same = edits.filter(edit => !modified.includes(edit)).map(({ item }) => item.id)
  return {
    modified,
    unchanged: same.filter(id => !preserved.has(id)),
    preserved: same.filter(id => preserved.has(id)),
  }
}

export function previewOf(modified: readonly WpEdit[]) {
  return modified.map(({ item, fields }) => ({
    wp_id: item.id,
    changes: Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, Array.isArray(value) ? [...value] : String(value)]),
    ),
  }))
}

export function mutable(map: ReadonlyMap<string, readonly string[]>): Record<string, string[]> {
  return Object.fromEntries([...map].map(([key, items]) => [key, [...items]]))
}

export function bootstrapOf(total: number, seeded: readonly string[]) {
  return { total_wps: total, newly_seeded: seeded.length, already_initialized: total - seeded.length }
}
