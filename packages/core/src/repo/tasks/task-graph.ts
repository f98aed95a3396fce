/** The work packages as their files and tasks.md state them together, and what is wrong with that (docs/missions.md). Pure. */
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { listed, sh } from '@spec-kitty/contracts/sh'
import type { Problem } from '../mission/problems.ts'
import { parseDependencies } from './dependencies.ts'
import { parseTasks, wpSections } from './document.ts'
import { statedRequirements } from './requirements.ts'
import { type WorkPackage, wordsOf } from './work-package.ts'

export interface TaskGraph {
  /** Work package → direct dependencies. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>
  /** Work package → requirement ids. */
  readonly requirements: ReadonlyMap<string, readonly string[]>
  /** Work packages whose dependencies only the front matter states. */
  readonly preserved: ReadonlySet<string>
  readonly warnings: readonly string[]
  readonly problems: readonly Problem[]
}

/**
 * Both sources are read. Where one of them is silent the other counts, an explicit `dependencies: []` included: a
 * stated dependency is never dropped. Where both speak they must agree. `ids` are those of all files, the unreadable
 * ones included.
 */
export function readTaskGraph(
  packages: readonly WorkPackage[],
  ids: readonly string[],
  tasksText: string,
): TaskGraph {
  const document = parseTasks(tasksText)
  const { byWp, warnings } = parseDependencies(document)
  const stated = statedRequirements(document)
  const dependencies = new Map<string, readonly string[]>()
  const requirements = new Map<string, readonly string[]>()
  const conflicts: string[] = []
  const preserved = new Set<string>()
  for (const { id, file } of packages) {
    const own = [...new Set(wordsOf(file.fields.dependencies).map(word => word.toUpperCase()))]
    const listed = byWp.get(id) ?? []
    if (own.length > 0 && listed.length > 0 && !sameSet(own, listed)) {
      conflicts.push(`${id}: front matter says ${own.join(', ')}, tasks.md says ${listed.join(', ')}`)
    }
    if (own.length > 0 && listed.length === 0) preserved.add(id)
    dependencies.set(id, own.length > 0 ? own : listed)
    const refs = wordsOf(file.fields.requirement_refs).map(word => word.toUpperCase())
    requirements.set(id, refs.length > 0 ? refs : (stated.get(id) ?? []))
  }
  return {
    dependencies,
    requirements,
    preserved,
    warnings: warnings.map(({ wp, line, message }) => `tasks.md:${line} (${wp}): ${message}`),
    problems: [
      ...coverage(
        ids,
        wpSections(document).map(section => section.wp),
      ),
      ...cycleProblems(dependencies),
      ...unknownProblems(dependencies, ids),
      ...conflictProblems(conflicts),
    ],
  }
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every(item => b.includes(item))
}

/** Files and sections of tasks.md match one to one. */
function coverage(ids: readonly string[], sections: readonly string[]): readonly Problem[] {
  const missing = [...new Set(ids)].filter(id => !sections.includes(id))
  const extra = [...new Set(sections)].filter(id => !ids.includes(id)).sort(compareCodePoints)
  const duplicate = ids
    .filter((id, i) => ids.indexOf(id) !== i)
    .map(id => ({
      code: 'duplicate_work_package',
      message: `Two files claim to be ${id}`,
      hint: sh`Remove or rename one of them`,
    }))
  if (missing.length + extra.length === 0) return duplicate
  const parts = [
    ...(missing.length > 0 ? [`no section for ${missing.join(', ')}`] : []),
    ...(extra.length > 0 ? [`no file for ${extra.join(', ')}`] : []),
  ]
  const hint = sh`Use supported section headers such as '## WP01', '## Work Package WP01', or '## Work Package 1 — Title', and one file tasks/WP01-….md for each.`
  return [
    ...duplicate,
    {
      code: 'section_coverage',
      message: `tasks.md and the work package files do not match: ${parts.join('; ')}`,
      hint,
      data: {
        error:
          'tasks.md work package coverage is incomplete: work package files and sections of tasks.md do not match one to one.',
        missing_wp_sections: missing,
        extra_wp_sections: extra,
      },
    },
  ]
}

function cycleProblems(graph: ReadonlyMap<string, readonly string[]>): readonly Problem[] {
  const cycles = findCycles(graph)
  if (cycles.length === 0) return []
  const shown = cycles.map(cycle => cycle.join(' -> ')).join('; ')
  return [
    {
      code: 'dependency_cycle',
      message: `Circular dependencies detected: ${shown}`,
      hint: sh`Take one of these dependencies out of tasks.md and the front matter`,
      data: { error: `Circular dependencies detected: ${shown}`, cycles },
    },
  ]
}

/** Each cycle once, beginning and ending with its smallest id. */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const found = new Map<string, readonly string[]>()
  const finished = new Set<string>()
  const visit = (id: string, way: readonly string[]): void => {
    const at = way.indexOf(id)
    if (at >= 0) {
      const cycle = rotate(way.slice(at))
      found.set(cycle.join(' '), cycle)
      return
    }
    if (finished.has(id)) return
    for (const next of graph.get(id) ?? []) visit(next, [...way, id])
    finished.add(id)
  }
  for (const id of [...graph.keys()].sort(compareCodePoints)) visit(id, [])
  return [...found.values()]
}

function rotate(cycle: readonly string[]): readonly string[] {
  const smallest = [...cycle].sort(compareCodePoints)[0] ?? ''
  const at = cycle.indexOf(smallest)
  return [...cycle.slice(at), ...cycle.slice(0, at), smallest]
}

function unknownProblems(
  graph: ReadonlyMap<string, readonly string[]>,
  ids: readonly string[],
): readonly Problem[] {
  return [...graph].flatMap(([id, dependencies]) => {
    const unknown = dependencies.filter(dependency => !ids.includes(dependency))
    if (unknown.length === 0) return []
    const errors = unknown.map(dependency => `Dependency ${dependency} not found in graph`)
    return [
      {
        code: 'unknown_dependency',
        message: `${id} depends on ${unknown.join(', ')}, which does not exist`,
        hint: sh`There are: ${listed(ids)}`,
        data: { error: `Invalid dependencies for ${id}: ${errors.join('; ')}`, wp_id: id, errors },
      },
    ]
  })
}

function conflictProblems(conflicts: readonly string[]): readonly Problem[] {
  if (conflicts.length === 0) return []
  return [
    {
      code: 'dependency_conflict',
      message: `Two statements of dependencies differ: ${conflicts.join('; ')}`,
      hint: sh`Make them say the same, or remove one of the two`,
      data: {
        error: 'Dependencies in front matter and tasks.md disagree',
        dependency_conflicts: conflicts,
      },
    },
  ]
}
