/**
 * How a program is found and started. Windows names programs by endings (PATHEXT), and starts a batch file (`gh.cmd`, as
 * npm installs) only through its command interpreter, which reads the words once more; no system's shell is there but git's.
 */
import { accessSync, constants, statSync } from 'node:fs'
import { posix, win32 } from 'node:path'
import type { Variables } from './variables.ts'

export interface Machine {
  readonly platform: NodeJS.Platform
  readonly variables: Variables
  /** True for a file that the system would run. */
  readonly runs: (path: string) => boolean
}

export function machine(variables: Variables): Machine {
  return { platform: process.platform, variables, runs: isProgram }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Absolute path of the program that `name` means on PATH, or undefined. Folders of PATH that are not absolute are passed over. */
export function findProgram(name: string, { platform, variables, runs }: Machine): string | undefined {
  const windows = platform === 'win32'
  const { delimiter, isAbsolute, join } = windows ? win32 : posix
  const folders = (variable(variables, 'PATH', windows) ?? '')
    .split(delimiter)
    .map(folder => (windows ? folder.replaceAll('"', '') : folder))
    .filter(folder => isAbsolute(folder))
  const endings = windows
    ? (variable(variables, 'PATHEXT', windows) ?? '.COM;.EXE;.BAT;.CMD').toLowerCase().split(';')
    : ['']
  const names = windows && endings.includes(win32.extname(name).toLowerCase()) ? [''] : endings
  for (const folder of folders) {
    const path = names.map(ending => join(folder, name + ending)).find(runs)
    if (path !== undefined) return path
  }
  return undefined
}

/** Windows does not tell `Path` from `PATH`. */
function variable(variables: Variables, name: string, windows: boolean): string | undefined {
  if (!windows) return variables[name]
  const key = Object.keys(variables).find(key => key.toUpperCase() === name)
  return key === undefined ? undefined : variables[key]
}

export interface Start {
  readonly file: string
  readonly words: readonly string[]
  /** The words are a command line as they stand. */
  readonly verbatim: boolean
}

/** What to hand to `spawn`, or in words why a program cannot be told these `words`. `program` is a name or a path. */
export function startOf(program: string, words: readonly string[], machine: Machine): Start | string {
  if (machine.platform !== 'win32') return { file: program, words, verbatim: false }
  const file = win32.isAbsolute(program) ? program : (findProgram(program, machine) ?? program)
  if (!/\.(cmd|bat)$/i.test(file)) return { file, words, verbatim: false }
  if (words.some(word => /[\r\n\0]/.test(word)))
    return `${file} is a batch file, which cannot be told a text of several lines`
  const line = [caret(win32.normalize(file)), ...words.map(word => caret(caret(quote(word))))].join(' ')
  const interpreter = variable(machine.variables, 'COMSPEC', true) ?? 'cmd.exe'
  return { file: interpreter, words: ['/d', '/s', '/c', `"${line}"`], verbatim: true }
}

/** One word as a C program on Windows takes it apart: a quote has a backslash, and backslashes before a quote are doubled. */
function quote(word: string): string {
  return `"${word.split('"').map(withDoubledEnd).join('\\"')}"`
}

function withDoubledEnd(text: string): string {
  let end = text.length
  while (text[end - 1] === '\\') end -= 1
  return text + text.slice(end)
}

/** Nothing in it means anything to the command interpreter, quotes neither: what it counts as quoted is then nothing. */
function caret(text: string): string {
  return text.replaceAll(/[()[\]%!^"`<>&|;, *?]/g, '^$&')
}

/**
 * The POSIX shell for commands that a project keeps for everybody (set-up, tests, hooks, an editor). On Windows it is the one
 * that git brings for the same purpose, and never WSL's, which sees other files.
 */
export function shellOf(machine: Machine): string {
  if (machine.platform !== 'win32') return '/bin/sh'
  const below = (name: string, folder: string) => {
    const above = variable(machine.variables, name, true)
    return above === undefined ? [] : [win32.join(above, folder)]
  }
  const git = findProgram('git', machine)
  const homes = [
    ...(git === undefined ? [] : [win32.resolve(git, '../..'), win32.resolve(git, '../../..')]),
    ...below('PROGRAMFILES', 'Git'),
    ...below('LOCALAPPDATA', 'Programs/Git'),
    ...below('USERPROFILE', 'scoop/apps/git/current'),
  ]
  return homes.map(home => win32.join(home, 'bin/sh.exe')).find(machine.runs) ?? 'sh.exe'
}

/** The program and the words that show an address in the user's browser. */
export function browserOf(platform: NodeJS.Platform, url: string): readonly [string, string[]] {
  if (platform === 'darwin') return ['open', [url]]
  if (platform === 'win32') return ['rundll32.exe', ['url.dll,FileProtocolHandler', url]]
  return ['xdg-open', [url]]
}
