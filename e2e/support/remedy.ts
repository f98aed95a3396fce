/** Provokes a refusal with the built program, takes the remedy out of its answer, runs it as pasted, and looks again. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { World } from '@spec-kitty/host/testing/world'
import { PROGRAM } from './repository.ts'

/** A JSON answer of the program, read loosely. */
export type Document = Readonly<Record<string, unknown>>

export interface Row {
  readonly code: string
  /** What sets this row apart from others of the same code. */
  readonly about?: string
  readonly arrange: (w: World) => void
  /** What is refused; `--json` is added by the test. */
  readonly run: string
  /** Directory below the top where it is typed. */
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** The word that the answer has for it, where the Python edition gave it another. */
  readonly shows?: string
  /** What the sentence must name. */
  readonly says?: RegExp
  /** The list of the answer that holds the code, for refusals that report several problems. */
  readonly list?: 'blockers' | 'failed_checks' | 'problems'
  /** Takes the remedy out of a hint where it is no plain command. */
  readonly remedy?: (hint: string, w: World) => string
  /** Words that a person must choose, as the hint shows them, and what this person chooses. */
  readonly fill?: Readonly<Record<string, string>>
  /** What a person does by hand, as the hint says, before or instead of the command. */
  readonly byHand?: (w: World) => void
  /** The remedy does what was wanted, or leads elsewhere: the refused command is not run again. */
  readonly instead?: true
  /** Why there is nothing that could be pasted. */
  readonly none?: string
}

/** A code that no command line of a black box brings about for sure; the named test does, closer to the source. */
export interface Elsewhere {
  readonly code: string
  /** From the top of this repository. */
  readonly test: string
  readonly why: string
}

export interface Answer {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Types a script into a shell with our program first on PATH. */
export function type(w: World, script: string, row: Pick<Row, 'cwd' | 'env'> = {}): Answer {
  const env = { ...w.env, PATH: `${join(PROGRAM, '..')}:${w.env.PATH}`, ...row.env }
  return spawnSync('/bin/sh', ['-c', script], { cwd: join(w.root, row.cwd ?? ''), env, encoding: 'utf8' })
}

/** The one document of an answer to `--json`. */
export function documentOf({ stdout, stderr }: Answer): Document {
  try {
    return JSON.parse(stdout)
  } catch {
    throw new Error(`not one JSON document: ${stdout}\n${stderr}`)
  }
}

/** The entry of the answer that carries the code of the row; undefined when there is none. */
export function problemIn(
  document: Document,
  { code, shows = code, list }: Pick<Row, 'code' | 'shows' | 'list'>,
): Document | undefined {
  if (list === undefined) return document.code === shows ? document : undefined
  const entries = (document[list] ?? []) as readonly Document[]
  return entries.find(entry => entry.code === code || entry.check === code)
}

/** The advice of an answer, whatever its key. */
export function hintOf(problem: Document): string {
  const hint = problem.remediation ?? problem.remedy ?? problem.hint
  const [first] = Array.isArray(hint) ? hint : [hint]
  return typeof first === 'string' ? first : ''
}

/** What can be pasted: from the first word that names a program to the end of the command. */
export function commandIn(hint: string): string | undefined {
  const match = /(^|: |\()((?:spec-kitty|git|cd|rm|mv|chmod|export) .*)/s.exec(hint)
  const [, before, rest] = match ?? []
  if (rest === undefined) return undefined
  const end = before === '(' ? /\)/ : /, or | · | \((?!.*")|\. [A-Z]/
  return rest.split(end)[0]
}

/** Not the user's: locks, objects that nothing refers to, and the bytes of the index, which hold times of reading. */
const OURS = /\/\.git\/(spec-kitty-locks|spec-kitty-tmp|objects|index)$/

/** Every name, kind and byte in the repository and in HOME. */
export function digest(w: World): string {
  const hash = createHash('sha256')
  const visit = (path: string): void => {
    if (OURS.test(path)) return
    const stat = lstatSync(path)
    hash.update(`${path}\0${stat.mode}\0`)
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name))
    else if (stat.isFile()) hash.update(readFileSync(path))
  }
  visit(w.root)
  visit(w.home)
  hash.update(spawnSync('git', ['ls-files', '--stage'], { cwd: w.root, env: w.env }).stdout)
  return hash.digest('hex')
}

/** A `git` for PATH that runs `script` (which sees the arguments) and then, unless that exits, the real one. */
export function shim(w: World, script: string): Readonly<Record<string, string>> {
  const real = spawnSync('/bin/sh', ['-c', 'command -v git'], { env: w.env, encoding: 'utf8' }).stdout.trim()
  const bin = join(w.dir, 'shim')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'git'), `#!/bin/sh\nreal=${real}\n${script}\nexec "$real" "$@"\n`, { mode: 0o755 })
  return { PATH: `${bin}:${join(PROGRAM, '..')}:${w.env.PATH}` }
}

/** A PATH with our program and Node, and nothing else. */
export function withoutGit(w: World): Readonly<Record<string, string>> {
  const bin = join(w.dir, 'bare')
  mkdirSync(bin)
  symlinkSync(process.execPath, join(bin, 'node'))
  symlinkSync(PROGRAM, join(bin, 'spec-kitty'))
  return { PATH: bin }
}
