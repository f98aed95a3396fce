/** What may come next on a command line: from the declarations, and from the project for mission handles and the like. */
import { type ArgSpec, type Command, type FlagSpec, kebab } from '../command.ts'

export interface Candidate {
  readonly value: string
  readonly description: string
}

/** Where values come from that no declaration lists. None of these throws: completion is silent about trouble. */
export interface Sources {
  readonly missions: () => readonly Candidate[]
  /** Work packages of a mission; undefined: the one that commands mean here. */
  readonly workPackages: (mission: string | undefined) => Promise<readonly Candidate[]>
  readonly agents: () => readonly Candidate[]
  readonly lanes: () => readonly Candidate[]
  readonly topics: () => readonly Candidate[]
  readonly missionTypes: () => readonly Candidate[]
}

export interface Tree {
  readonly entries: Readonly<Record<string, { readonly summary: string }>>
  readonly load: (path: string) => Promise<Command>
}

/** What an argument or flag of this name holds; others are completed by the shell as files. */
const KINDS: Readonly<Record<string, keyof Sources>> = {
  mission: 'missions',
  handle: 'missions',
  feature: 'missions',
  wp: 'workPackages',
  wpId: 'workPackages',
  taskId: 'workPackages',
  taskIds: 'workPackages',
  to: 'lanes',
  lane: 'lanes',
  agent: 'agents',
  agents: 'agents',
  ai: 'agents',
  topic: 'topics',
  missionType: 'missionTypes',
  type: 'missionTypes',
}

/** Candidates for the last of `words` (without the program's name); it may be empty. */
export async function candidates(
  words: readonly string[],
  tree: Tree,
  sources: Sources,
): Promise<readonly Candidate[]> {
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const plain = before.findIndex(word => word.startsWith('-'))
  const path = before.slice(0, plain < 0 ? before.length : plain)
  const length = commandLength(tree, path)
  const next = plain >= 0 || (length > 0 && length < path.length) ? [] : pathWords(tree, path)
  if (length === 0) return matching(current, [...next, ...(current.startsWith('-') ? GLOBAL : [])])
  const command = await tree.load(path.slice(0, length).join(' '))
  return matching(current, [...next, ...(await inCommand(command, before.slice(length), current, sources))])
}

const HELP: Candidate = { value: '--help', description: 'show how to use it' }
const GLOBAL: readonly Candidate[] = [HELP, { value: '--version', description: 'show the version' }]

function matching(current: string, all: readonly Candidate[]): readonly Candidate[] {
  return all.filter(({ value }) => value.startsWith(current))
}

/** How many of the words name a command; 0 for none. */
function commandLength(tree: Tree, path: readonly string[]): number {
  for (let length = path.length; length > 0; length--) {
    if (path.slice(0, length).join(' ') in tree.entries) return length
  }
  return 0
}

/** The words that follow `prefix` in the command tree; a group tells its members. */
function pathWords(tree: Tree, prefix: readonly string[]): readonly Candidate[] {
  const head = prefix.length === 0 ? '' : `${prefix.join(' ')} `
  const found = new Map<string, string[]>()
  for (const path of Object.keys(tree.entries)) {
    if (!path.startsWith(head)) continue
    const [word = '', ...rest] = path.slice(head.length).split(' ')
    found.set(word, [...(found.get(word) ?? []), ...rest.slice(0, 1)])
  }
  return [...found].map(([value, members]) => ({
    value,
    description: tree.entries[head + value]?.summary ?? [...new Set(members)].join(', '),
  }))
}

async function inCommand(
  command: Command,
  given: readonly string[],
  current: string,
  sources: Sources,
): Promise<readonly Candidate[]> {
  const flags = Object.entries(command.flags)
  const flagOf = (word: string | undefined): readonly [string, FlagSpec] | undefined =>
    flags.find(
      ([name, flag]) =>
        word === `--${kebab(name)}` || (flag.short !== undefined && word === `-${flag.short}`),
    )
  const open = flagOf(given.at(-1))
  const mission = given[given.findIndex(word => word === '--mission' || word === '--feature') + 1]
  const named = given.some(word => word === '--mission' || word === '--feature') ? mission : undefined
  if (open !== undefined && open[1].kind !== 'toggle') return await valuesOf(open[0], open[1], named, sources)
  if (current.startsWith('-')) {
    const shown = flags.filter(([, flag]) => flag.hidden !== true)
    return [
      ...shown.map(([name, flag]) => ({ value: `--${kebab(name)}`, description: flag.help })),
      ...(command.alwaysJson ? [] : [{ value: '--json', description: 'print one JSON document' }]),
      HELP,
    ]
  }
  const positional = given.filter((word, at) => {
    const holder = flagOf(given[at - 1])
    return !word.startsWith('-') && (holder === undefined || holder[1].kind === 'toggle')
  })
  const arg = argumentAt(command, positional.length)
  return arg === undefined ? [] : await fromSource(arg, named, sources)
}

/** The name of the argument at a position; the last one may repeat. */
function argumentAt(command: Command, position: number): string | undefined {
  const args: readonly (readonly [string, ArgSpec])[] = Object.entries(command.args)
  const last = args.at(-1)
  return args[position]?.[0] ?? (last?.[1].many === true ? last[0] : undefined)
}

async function valuesOf(
  name: string,
  flag: FlagSpec,
  mission: string | undefined,
  sources: Sources,
): Promise<readonly Candidate[]> {
  if (flag.kind === 'choice') return flag.choices.map(value => ({ value, description: '' }))
  return await fromSource(name, mission, sources)
}

async function fromSource(
  name: string,
  mission: string | undefined,
  sources: Sources,
): Promise<readonly Candidate[]> {
  const kind = KINDS[name]
  return kind === undefined ? [] : await sources[kind](mission)
}
