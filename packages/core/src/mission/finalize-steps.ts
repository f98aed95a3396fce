/** Steps that both finalize-tasks commands share. */

import type { JsonObject } from '@spec-kitty/contracts/json'
import { type LifecycleDraft, lifecycleRow } from '../repo/log/lifecycle-rows.ts'
import { requireTransition, type Stamp, standing } from '../repo/log/transition.ts'
import { editFrontMatter, type FieldEdits, printFrontMatter } from '../repo/tasks/front-matter.ts'
import type { WorkPackage } from '../repo/tasks/work-package.ts'
import { type Change, rewrite } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import type { FinalizeFacts } from './finalize-facts.ts'

export interface FinalizeInput {
  readonly mission?: string | undefined
  readonly targetBranch?: string | undefined
  readonly validateOnly?: boolean | undefined
  readonly autoCommit?: boolean | undefined
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
): readonly JsonObject[] {
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
  return [...rows, ...seeds]
}

export async function editFiles(ports: Ports, edits: readonly WpEdit[]): Promise<readonly Change[]> {
  const changes: Change[] = []
  for (const { item, fields } of edits) {
    if (Object.keys(fields).length === 0) continue
    const edited = await editFrontMatter(ports, item.file, fields, 'plain')
    changes.push(...rewrite(item.path, printFrontMatter(item.file), printFrontMatter(edited)))
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
