/** The work packages as their files and tasks.md state them together, and what is wrong with that (docs/missions.md). Pure. */
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { listed, part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { sameWp, spelling, wpKey } from '../../text/wp-id.ts'
import type { Problem } from '../mission/problems.ts'
import { parseDependencies } from './dependencies.ts'
import { parseTasks, wpSections } from './document.ts'
import { dependencyList, idList, type ReadList, refList, wordList } from './lists.ts'
import { statedRequirements } from './requirements.ts'
import { dependenciesOf, type WorkPackage } from './work-package.ts'

type Stated = Pick<WorkPackage, 'id' | 'path' | 'file'>

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
  packages: readonly Stated[],
  ids: readonly string[],
  tasksText: string,
): TaskGraph {
  const document = parseTasks(tasksText)
  const { byWp, warnings } = parseDependencies(document)
  const spell = spelling(ids)
  const inTasks = new Map([...byWp].map(([wp, list]) => [wpKey(wp), list.map(spell)]))
  const stated = statedRequirements(document)
  const dependencies = new Map<string, readonly string[]>()
  const requirements = new Map<string, readonly string[]>()
  const conflicts: string[] = []
  const preserved = new Set<string>()
  for (const { id, file } of packages) {
    const own = dependencyList(file.fields)
    const said = dependenciesOf(own, [], spell)
    const listed = inTasks.get(wpKey(id)) ?? []
    if (said.length > 0 && listed.length > 0 && !sameSet(said, listed)) {
      conflicts.push(`${id}: front matter says ${said.join(', ')}, tasks.md says ${listed.join(', ')}`)
    }
    if (said.length > 0 && listed.length === 0) preserved.add(id)
    dependencies.set(id, dependenciesOf(own, listed, spell))
    const refs = refList(file.fields.requirement_refs).read
    requirements.set(id, refs.length > 0 ? refs : (stated.get(wpKey(id)) ?? []))
  }
  const isStated = (wp: string, id: string): boolean => dependencies.get(wp)?.includes(id) === true
  return {
    dependencies,
    requirements,
    preserved,
    warnings: [
      ...warnings
        .filter(({ wp, named }) => named.length === 0 || !named.every(id => isStated(spell(wp), spell(id))))
        .map(({ wp, line, message, named }) => {
          const way =
            named.length === 0 ? '' : ` (if ${wp} builds on it: Depends on ${named.map(spell).join(', ')})`
          return `tasks.md:${line} (${wp}): ${message}${way}`
        }),
      ...packages.flatMap(item => unreadEntries(item, 'subtasks', idList(item.file.fields.subtasks))),
    ],
    problems: [
      ...coverage(
        ids,
        wpSections(document).map(section => spell(section.wp)),
      ),
      ...cycleProblems(dependencies),
      ...packages.flatMap(unreadProblems),
      ...unknownProblems(dependencies, packages, ids),
      ...conflictProblems(conflicts),
    ],
  }
}

function unreadEntries({ id }: Pick<WorkPackage, 'id'>, key: string, list: ReadList): readonly string[] {
  return list.unread.map(entry => `${id}: nothing could be read from the entry "${entry}" of ${key}`)
}

/** Entries of lists that decide something: a list that is half read would decide wrongly. */
function unreadProblems(item: Stated): readonly Problem[] {
  const { fields } = item.file
  const lists = {
    dependencies: dependencyList(fields),
    requirement_refs: refList(fields.requirement_refs),
    owned_files: wordList(fields.owned_files),
    create_intent: wordList(fields.create_intent),
  }
  return Object.entries(lists).flatMap(([key, list]) =>
    unreadEntries(item, key, list).map(message => ({
      code: 'unreadable_list',
      message,
      hint: sh`${part(PLAIN[key] ?? PLAIN.dependencies)}, into ${item.path}`,
      data: { error: message, wp_id: item.id, entries: list.unread },
    })),
  )
}

const PLAIN: Readonly<Record<string, Remedy>> & { readonly dependencies: Remedy } = {
  dependencies: sh`Write plain items, such as "dependencies: [WP01]"`,
  requirement_refs: sh`Write plain items, such as "requirement_refs: [FR-001]"`,
  owned_files: sh`Write plain items, such as "owned_files: [src/app/**]"`,
  create_intent: sh`Write plain items, such as "create_intent: [src/app/new.ts]"`,
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every(item => b.includes(item))
}

/** Files and sections of tasks.md match one to one. */
function coverage(ids: readonly string[], sections: readonly string[]): readonly Problem[] {
  const missing = [...new Set(ids)].filter(id => !sections.includes(id))
  const extra = [...new Set(sections)].filter(id => !ids.includes(id)).sort(compareCodePoints)
  const duplicate = ids
    .filter((id, i) => ids.findIndex(other => sameWp(other, id)) !== i)
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
  packages: readonly Stated[],
  ids: readonly string[],
): readonly Problem[] {
  const unread = new Map(packages.map(({ id, file }) => [id, dependencyList(file.fields).unread]))
  return [...graph].flatMap(([id, dependencies]) => {
    const unknown = dependencies.filter(
      dependency => !ids.includes(dependency) && !unread.get(id)?.includes(dependency),
    )
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
