/** From the words of a command line to the input of a command, by its declaration. */

import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { type ArgSpec, type Command, type Flags, kebab, missionFlag } from './command.ts'
import type { Prepared, Scan } from './parse-library.ts'

export interface Parsed {
  readonly json: boolean
  readonly help: boolean
  readonly input: Readonly<Record<string, unknown>>
}

const JSON_FLAG: Flags = { json: { kind: 'toggle', help: 'print one JSON document' } }
const COMMON: Flags = {
  // A mission was called a feature before 3.0; scripts still say so.
  feature: { kind: 'text', value: 'HANDLE', help: 'old spelling of --mission', hidden: true },
}

/** Reads the words after the command's path. Throws `usage` with what is wrong and how to see the usage. */
export async function parseInput(path: string, command: Command, words: readonly string[]): Promise<Parsed> {
  const { alwaysJson } = command
  const flags: Flags = { ...(alwaysJson ? {} : JSON_FLAG), ...COMMON, ...named(command), ...command.flags }
  const prepared = prepare(words, flags)
  if (prepared.words.some(word => word === '--help' || word === '-h')) {
    return { json: prepared.words.includes('--json'), help: true, input: {} }
  }
  const seen = await scan(path, command, flags, prepared)
  return { json: alwaysJson || seen.flags.json === true, help: false, input: toInput(path, command, seen) }
}

/** Every command takes a mission by --mission, also one that wants it as a word. */
function named(command: Command): Flags {
  return 'handle' in command.args ? { mission: { ...missionFlag, hidden: true } } : {}
}

async function scan(path: string, command: Command, flags: Flags, line: Prepared): Promise<Scan> {
  const read =
    readPlain(flags, line) ?? (await (await import('./parse-library.ts')).scanByLibrary(path, flags, line))
  if (typeof read === 'string') throw usage(path, read)
  const { flags: seen, positional } = read
  const handle = 'mission' in command.flags ? undefined : (seen.mission ?? seen.feature)
  const all = 'handle' in command.args && handle !== undefined ? [String(handle), ...positional] : positional
  checkArguments(path, command, all)
  return { flags: seen, positional: all }
}

/**
 * The words where each is an option as the help page spells it, once, or an argument: nearly every command line. The
 * library takes 2 ms to come to the same. Undefined for any other.
 */
export function readPlain(flags: Flags, { words, values }: Prepared): Scan | undefined {
  const known = new Map(Object.entries(flags).map(([name, flag]) => [`--${kebab(name)}`, { name, flag }]))
  const seen: Record<string, unknown> = {}
  const positional: string[] = []
  for (const [i, word] of words.entries()) {
    if (word === '--') {
      positional.push(...words.slice(i + 1))
      break
    }
    if (!word.startsWith('-')) {
      positional.push(word)
      continue
    }
    const cut = word.indexOf('=')
    const option = cut < 0 ? word : word.slice(0, cut)
    const yes = known.get(option)
    const { name, flag } = yes ?? known.get(option.replace('--no-', '--')) ?? {}
    if (name === undefined || flag === undefined) return undefined
    if (flag.kind === 'toggle' ? cut >= 0 : cut < 0 || yes === undefined) return undefined
    const value = flag.kind === 'toggle' ? yes !== undefined : word.slice(cut + 1)
    if (flag.kind === 'many')
      seen[name] = [...((seen[name] as string[] | undefined) ?? []), values[Number(value)]]
    else if (name in seen || (flag.kind === 'choice' && !flag.choices.includes(String(value))))
      return undefined
    else seen[name] = flag.kind === 'text' || flag.kind === 'count' ? values[Number(value)] : value
  }
  const complete = Object.entries(flags).every(([name, flag]) => flag.required !== true || name in seen)
  return complete ? { flags: seen, positional } : undefined
}

/**
 * Joins each value flag with the word after it: `--note -x` is a note in the Python edition, where the library
 * would read `-x` as a flag. The joined word holds the value's position in a list, because the library takes no
 * empty value and no line break behind `=`. A repeated single-value flag keeps its last value, as there.
 */
export function prepare(words: readonly string[], flags: Flags): Prepared {
  const targets = valueFlags(flags)
  const out: string[] = []
  const values: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (word === '--') return { words: [...out, ...words.slice(i)], values }
    const cut = word.startsWith('--') ? word.indexOf('=') : -1
    const target = targets.get(cut < 0 ? word : word.slice(0, cut))
    const value = cut < 0 ? words[i + 1] : word.slice(cut + 1)
    if (target === undefined || value === undefined) {
      out.push(word)
      continue
    }
    if (cut < 0) i++
    const prefix = `--${target.name}=`
    const earlier = target.many ? -1 : out.findIndex(other => other.startsWith(prefix))
    if (earlier >= 0) out.splice(earlier, 1)
    out.push(prefix + (target.listed ? String(values.push(value) - 1) : value))
  }
  return { words: out, values }
}

interface ValueFlag {
  readonly name: string
  readonly many: boolean
  /** False for a choice: the library itself must see the word. */
  readonly listed: boolean
}

function valueFlags(flags: Flags): ReadonlyMap<string, ValueFlag> {
  const found = new Map<string, ValueFlag>()
  for (const [name, flag] of Object.entries(flags)) {
    if (flag.kind === 'toggle') continue
    const target = { name: kebab(name), many: flag.kind === 'many', listed: flag.kind !== 'choice' }
    found.set(`--${target.name}`, target)
    if (flag.short !== undefined) found.set(`-${flag.short}`, target)
  }
  return found
}

function checkArguments(path: string, command: Command, words: readonly string[]): void {
  const specs = Object.entries(command.args)
  const needed = specs.filter(([, spec]) => spec.required)
  if (words.length < needed.length) {
    const missing = needed[words.length]
    throw usage(path, `Missing argument: ${missing === undefined ? '' : placeholder(missing[0], missing[1])}`)
  }
  if (words.length > specs.length && !specs.some(([, spec]) => spec.many)) {
    throw usage(path, `Unexpected argument: ${words[specs.length] ?? ''}`)
  }
}

function toInput(path: string, command: Command, scan: Scan): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  for (const [name, flag] of Object.entries(command.flags)) {
    const value = scan.flags[name]
    input[name] = flag.kind === 'count' && typeof value === 'string' ? wholeNumber(path, name, value) : value
  }
  if ('mission' in command.flags && input.mission === undefined) input.mission = scan.flags.feature
  Object.entries(command.args).forEach(([name, spec], i) => {
    input[name] = spec.many ? scan.positional.slice(i) : scan.positional[i]
  })
  return input
}

function wholeNumber(path: string, flag: string, word: string): number {
  if (/^\d+$/.test(word)) return Number(word)
  throw usage(path, `--${kebab(flag)} wants a whole number, not '${word}'`)
}

function usage(path: string, complaint: string): KittyError {
  return new KittyError('usage', complaint.split('\n')[0] || 'The command line could not be understood', {
    hint: sh`See: spec-kitty ${path.split(' ')} --help`,
  })
}

/** `taskIds` as `TASK_IDS…`, in brackets when it may be left out. */
export function placeholder(name: string, spec: ArgSpec): string {
  const word = kebab(name).replaceAll('-', '_').toUpperCase() + (spec.many ? '…' : '')
  return spec.required ? word : `[${word}]`
}
