/** Help pages and did-you-mean, made from the declarations. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { part, sh } from '@spec-kitty/contracts/sh'
import { type Command, type FlagSpec, kebab } from './command.ts'
import { COMMANDS } from './commands/index.ts'
import { nearest } from './nearest.ts'
import { placeholder } from './parse.ts'
import type { Style } from './style.ts'

/** The day of a user, in its order. */
const EVERY_DAY: readonly string[] = [
  'init',
  'quick',
  'specify',
  'plan',
  'tasks',
  'where',
  'next',
  'status',
  'start',
  'submit',
  'agent action review',
  'approve',
  'reject',
  'show',
  'log',
  'accept',
  'merge',
  'doctor',
]

/** The longest prefix of `words` under which commands are declared. */
export function longestGroup(words: readonly string[]): readonly string[] {
  for (let length = words.length; length > 0; length--) {
    const prefix = `${words.slice(0, length).join(' ')} `
    if (Object.keys(COMMANDS).some(path => path.startsWith(prefix))) return words.slice(0, length)
  }
  return []
}

/** The page of a group; of the whole program for the empty prefix. */
export function groupHelp(prefix: readonly string[], style: Style): string {
  const paths = Object.keys(COMMANDS)
  if (prefix.length > 0) {
    const head = `${prefix.join(' ')} `
    const rows = rowsOf(paths.filter(path => path.startsWith(head)))
    return page([
      `${style.bold('Usage:')} spec-kitty ${prefix.join(' ')} COMMAND`,
      section('Commands', rows, style),
    ])
  }
  const more = paths.filter(path => !path.includes(' ') && !EVERY_DAY.includes(path))
  const groups = [
    ...new Set(paths.filter(path => path.includes(' ')).map(path => path.replace(/ [^ ]+$/, ''))),
  ]
  return page([
    `Spec-driven development with AI coding agents:\nspecify, plan, tasks, implement, review, accept, merge.`,
    `${style.bold('Usage:')} spec-kitty COMMAND [--json] [--help]`,
    section('Every day', rowsOf(EVERY_DAY.filter(path => path in COMMANDS)), style),
    namesOf('More (spec-kitty COMMAND --help)', [...more, 'help', 'version'], style),
    namesOf('Groups (spec-kitty GROUP --help)', groups, style),
    `First time here? A whole mission in a throw-away repository: ${style.cyan('spec-kitty tour')}`,
  ])
}

/** The page of one command. */
export function commandHelp(path: string, summary: string, command: Command, style: Style): string {
  const args = Object.entries(command.args)
  const usage = ['spec-kitty', path, ...args.map(([name, spec]) => placeholder(name, spec)), '[OPTIONS]']
  const flags = Object.entries(command.flags).filter(([, flag]) => flag.hidden !== true)
  const options: readonly Row[] = [
    ...flags.map(([name, flag]): Row => [flagWords(name, flag), flagHelp(flag)]),
    ...(command.alwaysJson ? [] : [['--json', 'print one JSON document'] as const]),
    ['--help', 'show this page'],
  ]
  return page([
    `${summary}.${command.description === '' ? '' : `\n${command.description}`}`,
    `${style.bold('Usage:')} ${usage.join(' ')}`,
    section(
      'Arguments',
      args.map(([name, spec]) => [placeholder(name, spec), spec.help]),
      style,
    ),
    section('Options', options, style),
    command.examples.length === 0
      ? ''
      : `${style.bold('Examples')}\n${spelled(path, summary, command.examples)
          .map(line => `  ${line}`)
          .join('\n')}`,
  ])
}

/** Examples in the words that were asked about, where these are another name of the command. */
function spelled(path: string, summary: string, examples: readonly string[]): readonly string[] {
  return examples.map(example => {
    const words = example.split(' ')
    const own = [3, 2, 1].map(length => words.slice(1, 1 + length).join(' ')).find(name => name in COMMANDS)
    if (own === undefined || own === path || COMMANDS[own]?.summary !== summary) return example
    return `spec-kitty ${path}${example.slice('spec-kitty '.length + own.length)}`
  })
}

/** The usage error for a word that is no command here, with the nearest ones. */
export function unknownCommand(prefix: readonly string[], word: string): KittyError {
  const here = prefix.length === 0 ? '' : `${prefix.join(' ')} `
  const known = new Set(
    Object.keys(COMMANDS)
      .filter(path => path.startsWith(here))
      .map(path => path.slice(here.length).split(' ')[0] ?? ''),
  )
  const near = nearest(word, [...known])
  const page = sh`${['spec-kitty', ...prefix]}`
  return new KittyError('usage', `No such command: spec-kitty ${here}${word}`, {
    hint: near === undefined ? sh`See: ${part(page)} --help` : sh`Did you mean: ${part(page)} ${near}`,
  })
}

/** The usage error for a bare group whose answers are never help pages. */
export function missingCommand(prefix: readonly string[]): KittyError {
  return new KittyError('usage', `No command given: spec-kitty ${prefix.join(' ')} COMMAND`, {
    hint: sh`See: spec-kitty ${prefix} --help`,
  })
}

export function unknownOption(word: string): KittyError {
  return new KittyError('usage', `No such option: ${word}`, { hint: sh`See: spec-kitty --help` })
}

type Row = readonly [string, string]

function rowsOf(paths: readonly string[]): readonly Row[] {
  return paths.map(path => [path, COMMANDS[path]?.summary ?? ''])
}

/** Names alone, as many in a line as fit. */
function namesOf(title: string, names: readonly string[], style: Style): string {
  const lines = ['']
  for (const name of names) {
    const last = lines.length - 1
    const longer = `${lines[last]}${lines[last] === '' ? '  ' : ', '}${name}`
    if (longer.length < style.columns) lines[last] = longer
    else lines.push(`  ${name}`)
  }
  return `${style.bold(title)}\n${lines.join(',\n')}`
}

function section(title: string, rows: readonly Row[], style: Style): string {
  if (rows.length === 0) return ''
  // The explanations get more than half of a narrow terminal.
  const most = Math.min(36, Math.floor(style.columns * 0.42))
  const width = Math.min(most, Math.max(...rows.map(([left]) => left.length)))
  const lines = rows.map(([left, right]) =>
    left.length > width
      ? `  ${style.cyan(left)}\n  ${' '.repeat(width)}  ${right}`
      : `  ${style.cyan(left.padEnd(width))}  ${right}`,
  )
  return `${style.bold(title)}\n${lines.join('\n')}`
}

function page(parts: readonly string[]): string {
  return `${parts.filter(part => part !== '').join('\n\n')}\n`
}

function flagWords(name: string, flag: FlagSpec): string {
  const word = `--${kebab(name)}`
  const short = flag.short === undefined ? '' : `-${flag.short}, `
  switch (flag.kind) {
    case 'toggle':
      return `${short}${word}`
    case 'choice':
      return `${short}${word} ${flag.choices.join('|')}`
    case 'text':
    case 'count':
    case 'many':
      return `${short}${word} ${flag.value}${flag.kind === 'many' ? ' …' : ''}`
  }
}

function flagHelp(flag: FlagSpec): string {
  return flag.required === true ? `${flag.help} (required)` : flag.help
}
