/** Which work package brings which requirement (docs/missions.md). Pure. */
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { wpKey } from '../../text/wp-id.ts'
import type { Problem } from '../mission/problems.ts'
import { readRequirement } from '../mission/substance.ts'
import { type TasksDocument, wpSections } from './document.ts'

const ID = /\b(?:FR|NFR|C)-\d+\b/gi
const LINE = /^[ *_`>-]*Requirements?(?: Refs?(?:erences)?)? ?(?:[*_`]+ ?)?:/i

/** Every requirement id in a text, upper case, sorted, once. */
export function requirementIds(text: string): readonly string[] {
  return [...new Set((text.match(ID) ?? []).map(id => id.toUpperCase()))].sort(compareCodePoints)
}

/** `Requirement Refs: FR-001, NFR-001` in the sections of tasks.md: number of the work package → ids, as written. */
export function statedRequirements(document: TasksDocument): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const section of wpSections(document)) {
    const key = wpKey(section.wp)
    const ids = found.get(key) ?? []
    for (const line of document.lines.slice(section.start + 1, section.end)) {
      if (line.hidden || !LINE.test(line.text.replace(/\s+/g, ' '))) continue
      for (const id of line.text.match(ID) ?? [])
        if (!ids.includes(id.toUpperCase())) ids.push(id.toUpperCase())
    }
    found.set(key, ids)
  }
  return found
}

/** The words of a functional requirement; undefined where the specification gives none. */
export function requirementText(spec: string, id: string): string | undefined {
  for (const line of spec.split('\n')) {
    const requirement = readRequirement(line)
    if (requirement?.id !== id) continue
    const words = requirement.texts.map(text => text.trim()).filter(text => text !== '')
    if (words.length > 0) return words.join(': ')
  }
  return undefined
}

/**
 * Every work package names requirements that exist, and every functional requirement has one. Undefined when all is
 * well, or when the specification numbers nothing.
 */
export function requirementProblem(
  spec: string,
  refs: ReadonlyMap<string, readonly string[]>,
): Problem | undefined {
  const known = requirementIds(spec)
  if (known.length === 0) return undefined
  const missing = [...refs].filter(([, ids]) => ids.length === 0).map(([wp]) => wp)
  const unknown = [...refs].flatMap(([wp, ids]) => {
    const strange = ids.filter(id => !known.includes(id))
    return strange.length === 0 ? [] : [[wp, strange] as const]
  })
  const used = new Set([...refs.values()].flat())
  const unmapped = known.filter(id => id.startsWith('FR-') && !used.has(id))
  if (missing.length + unknown.length + unmapped.length === 0) return undefined
  const parts = [
    ...(missing.length > 0 ? [`without requirement: ${missing.join(', ')}`] : []),
    ...unknown.map(([wp, ids]) => `${wp} names unknown ${ids.join(', ')}`),
    ...(unmapped.length > 0 ? [`brought by no work package: ${unmapped.join(', ')}`] : []),
  ]
  return {
    code: 'requirement_mapping',
    message: `Requirements and work packages do not match (${parts.join('; ')})`,
    hint: sh`Write ${`**Requirement Refs**: ${unmapped[0] ?? known[0] ?? 'FR-001'}`} under the heading of the work package in tasks.md`,
    data: {
      error: 'Requirement mapping validation failed',
      missing_requirement_refs_wps: missing,
      unknown_requirement_refs: Object.fromEntries(unknown),
      unmapped_functional_requirements: unmapped,
    },
  }
}
