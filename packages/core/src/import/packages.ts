/** From the groups of a task list to work packages: numbers, owned files, bodies, and a row for every line. Pure. */
import type { DraftPackage, DraftTask, Row, Tool } from './draft.ts'
import { type Group, pathsIn, type Task, titleOf } from './task-list.ts'

export interface Packages {
  readonly packages: readonly DraftPackage[]
  readonly rows: readonly Row[]
  readonly warnings: readonly string[]
}

interface Numbered {
  readonly group: Group
  readonly id: string
  readonly title: string
  readonly tasks: readonly DraftTask[]
}

export interface Rules {
  readonly tool: Tool
  /** Name of the task list below the source. */
  readonly file: string
  /** All groups as one package: for lists whose groups write the same files. */
  readonly oneWp: boolean
  /** On which other groups a group waits, by index; earlier ones only. */
  readonly waitsFor: (groups: readonly Group[], index: number) => readonly number[]
}

/** Groups without a task are no packages; their lines are told as such. */
export function makePackages(groups: readonly Group[], rules: Rules): Packages {
  const rows: Row[] = []
  const warnings: string[] = []
  const used = united(
    groups.filter(group => group.tasks.length > 0),
    rules.oneWp,
  )
  const number = numbering(used, rules.tool, warnings)
  const numbered = used.map((group, index): Numbered => {
    const title = group.heading === undefined ? 'Tasks' : titleOf(group.heading)
    return { group, id: wpId(index), title, tasks: group.tasks.map(task => draftTask(task, number(task))) }
  })
  const home = new Map(numbered.flatMap(({ id, tasks }) => tasks.map(task => [task.id, id] as const)))
  const packages = numbered.map((item, index) => {
    const waits = rules.waitsFor(used, index).map(wpId)
    return packageOf(item, rules, [...waits, ...named(item, home, warnings)])
  })
  for (const { group, id, tasks } of numbered) rows.push(...rowsOf(group, id, tasks, rules.file))
  for (const group of groups.filter(({ tasks }) => tasks.length === 0)) {
    const words = group.lines.some(({ text }) => text.trim() !== '')
    if (group.heading === undefined && !words) continue
    const what = group.heading === undefined ? 'words before the first heading' : `section "${group.heading}"`
    rows.push({
      source: rules.file,
      line: group.line,
      what,
      became: `imported/${rules.file}`,
      note: 'no tasks in it',
    })
  }
  return { packages, rows, warnings: [...warnings, ...overlaps(packages)] }
}

/**
 * Every package stands for a requirement: one whose tasks name none stands for all. A requirement that then has no package
 * goes to the first.
 */
export function mapRequirements(
  packages: readonly DraftPackage[],
  ids: readonly string[],
): { readonly packages: readonly DraftPackage[]; readonly warnings: readonly string[] } {
  const silent = packages.filter(item => item.requirements.length === 0).map(item => item.id)
  if (ids.length === 0 || packages.length === 0) return { packages, warnings: [] }
  const named = new Set(packages.flatMap(item => item.requirements))
  const homeless = silent.length > 0 ? [] : ids.filter(id => !named.has(id))
  const change = 'change that with spec-kitty agent tasks map-requirements'
  return {
    packages: packages.map((item, index) => {
      if (silent.includes(item.id)) return { ...item, requirements: ids }
      return index === 0 ? { ...item, requirements: [...item.requirements, ...homeless] } : item
    }),
    warnings: [
      ...(silent.length > 0 && ids.length > 1
        ? [`No task of ${silent.join(', ')} names a requirement, so all are meant; ${change}`]
        : []),
      ...(homeless.length > 0
        ? [`No task names ${homeless.join(', ')}: ${packages[0]?.id} got them; ${change}`]
        : []),
    ],
  }
}

const wpId = (index: number): string => `WP${String(index + 1).padStart(2, '0')}`

function united(groups: readonly Group[], oneWp: boolean): readonly Group[] {
  const [first] = groups
  if (!oneWp || first === undefined) return groups
  const lines = groups.flatMap(group => [
    { line: group.line, text: group.heading === undefined ? '' : `## ${group.heading}`, task: false },
    ...group.lines,
  ])
  return [{ line: first.line, heading: 'Tasks', tasks: groups.flatMap(group => group.tasks), lines }]
}

/** Ids of spec-kit stay, a second use gets a new one; others are counted. */
function numbering(groups: readonly Group[], tool: Tool, warnings: string[]): (task: Task) => string {
  const all = groups.flatMap(group => group.tasks)
  const own = new Set(
    tool === 'spec-kit' ? all.flatMap(({ id }) => (id === undefined ? [] : [id.toUpperCase()])) : [],
  )
  const taken = new Set<string>()
  let last = 0
  const next = (): string => {
    do last += 1
    while (own.has(taskId(last)) || taken.has(taskId(last)))
    return taskId(last)
  }
  return task => {
    const id = tool === 'spec-kit' ? task.id?.toUpperCase() : undefined
    const chosen = id !== undefined && !taken.has(id) ? id : next()
    if (id !== undefined && chosen !== id)
      warnings.push(`${id} stands there twice: line ${task.line} became ${chosen}`)
    if (task.odd !== undefined)
      warnings.push(`${chosen}: a box with "${task.odd}" counts as open (line ${task.line})`)
    taken.add(chosen)
    return chosen
  }
}

const taskId = (count: number): string => `T${String(count).padStart(3, '0')}`

const draftTask = ({ text, done }: Task, id: string): DraftTask => ({ id, text, done })

/** Packages of the tasks that `(depends on T012)` names. */
function named(item: Numbered, home: ReadonlyMap<string, string>, warnings: string[]): readonly string[] {
  return item.tasks.flatMap(({ id, text }) => {
    const words = /depends on ([^)]*)/i.exec(text)?.[1] ?? ''
    return [...words.matchAll(/T\d+[a-z]?/gi)].flatMap(([match]) => {
      const wp = home.get(match.toUpperCase())
      if (wp !== undefined && wp < item.id) return [wp]
      if (wp !== item.id)
        warnings.push(
          `${id} depends on ${match}, which ${wp === undefined ? 'is no task' : `comes later, in ${wp}`}: left out`,
        )
      return []
    })
  })
}

function packageOf(item: Numbered, rules: Rules, dependencies: readonly string[]): DraftPackage {
  const text = item.tasks.map(task => task.text)
  const rest = item.group.lines.filter(line => !line.task).map(line => line.text)
  return {
    id: item.id,
    title: item.title,
    dependencies: [...new Set(dependencies)].toSorted((a, b) => (a < b ? -1 : 1)),
    tasks: item.tasks,
    owned: [...new Set(text.flatMap(words => pathsIn(words, rules.tool === 'spec-kit')))],
    requirements: [...new Set(text.flatMap(words => words.match(/\b(?:FR|NFR)-\d+\b/g) ?? []))],
    body: [...item.tasks.map(task => `- ${task.id} ${task.text}`), '', ...rest]
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
  }
}

function rowsOf(group: Group, wp: string, tasks: readonly DraftTask[], source: string): readonly Row[] {
  const heading: readonly Row[] =
    group.heading === undefined
      ? []
      : [{ source, line: group.line, what: `section "${group.heading}"`, became: wp }]
  const done = group.tasks.map((task, index): Row => {
    const draft = tasks[index]
    return {
      source,
      line: task.line,
      what: `task ${task.id ?? `"${task.text.slice(0, 40)}"`}`,
      became: `${wp} ${draft?.id ?? ''}${task.done ? ', ticked' : ''}`,
      ...(task.odd === undefined ? {} : { note: `the box says "${task.odd}": open` }),
    }
  })
  const free = group.lines.filter(({ task, text }) => !task && text.trim() !== '')
  const words: readonly Row[] =
    free.length === 0
      ? []
      : [
          {
            source,
            line: free[0]?.line ?? null,
            what: `${free.length} ${free.length === 1 ? 'line' : 'lines'} without a box`,
            became: `${wp}, its text`,
          },
        ]
  return [...heading, ...done, ...words]
}

function overlaps(packages: readonly DraftPackage[]): readonly string[] {
  const owners = new Map<string, string[]>()
  for (const { id, owned } of packages)
    for (const path of owned) owners.set(path, [...(owners.get(path) ?? []), id])
  return [...owners].flatMap(([path, ids]) =>
    ids.length > 1
      ? [`${ids.join(' and ')} both write ${path}: give it to one of them, or import with --one-wp`]
      : [],
  )
}
