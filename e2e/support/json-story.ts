/** Takes one mission from state to state, and asks two programs the same in each, from the same files. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CASES, type Case, STATES, type State } from './json-cases.ts'
import { differences, shapeOf } from './json-shape.ts'
import { createMissionRepository, type MissionRepository, SLUG } from './mission-repository.ts'
import { must, prepareMission, writeCode } from './prepared-mission.ts'
import { PROGRAM } from './repository.ts'

/** One difference, as docs/compatibility.md lists it. */
export interface Found {
  /** Command without its options. */
  readonly command: string
  readonly path: string
  readonly theirs: string
  readonly ours: string
}

type Document = Readonly<Record<string, unknown>>

const ADVANCE: Readonly<Record<State, (repository: MissionRepository, edition: string) => void>> = {
  planned: (repository, edition) => prepareMission(repository, edition, PROGRAM),
  begun: repository => begin(repository, 'WP01', 'lane-a'),
  'handed-over': repository => handOver(repository, 'WP01'),
  approved: repository => {
    begin(repository, 'WP02', 'lane-b')
    handOver(repository, 'WP02')
    verify(repository)
    for (const wp of ['WP01', 'WP02']) {
      ours(repository, `agent action review ${wp} --agent codex --mission ${SLUG}`)
      ours(
        repository,
        `agent tasks move-task ${wp} --to approved --agent codex --note good --mission ${SLUG}`,
      )
    }
  },
  accepted: repository => ours(repository, `accept --mode local --lenient --mission ${SLUG}`),
  merged: repository => ours(repository, `merge --yes --mission ${SLUG}`),
}

function ours(repository: MissionRepository, line: string): void {
  must(repository, PROGRAM, ...line.split(' '))
  repository.commit('what is left')
}

/** What a person does: every criterion is verified. */
function verify(repository: MissionRepository): void {
  const path = repository.file('acceptance-matrix.json')
  const matrix = JSON.parse(readFileSync(path, 'utf8'))
  const seen = { evidence: 'tests', pass_fail: 'pass', verified_by: 'ann', verified_at: '2026-01-01' }
  for (const criterion of matrix.criteria) Object.assign(criterion, seen)
  writeFileSync(path, `${JSON.stringify({ ...matrix, overall_verdict: 'pass' }, null, 2)}\n`)
  repository.commit('verified')
}

function begin(repository: MissionRepository, wp: string, lane: string): void {
  ours(repository, `agent action implement ${wp} --agent claude --mission ${SLUG}`)
  writeCode(repository, wp, lane)
}

function handOver(repository: MissionRepository, wp: string): void {
  ours(repository, `agent tasks mark-status T${wp.slice(2)}1 --status done --mission ${SLUG}`)
  ours(repository, `agent tasks move-task ${wp} --to for_review --mission ${SLUG}`)
}

/**
 * The differences of all cases that `wanted` takes, in the order of the cases. `say` is told each case and what both
 * answered. Throws when an edition cannot make the mission.
 */
export function compareEditions(
  edition: string,
  wanted: (one: Case) => boolean,
  say: (line: string) => void,
): readonly Found[] {
  const repository = createMissionRepository(['WP01', 'WP02'])
  const copy = join(repository.dir, 'copy')
  const found: Found[] = []
  const last = CASES.findLast(wanted)?.at
  try {
    for (const state of STATES) {
      ADVANCE[state](repository, edition)
      copyTree(repository.root, copy)
      for (const one of CASES.filter(item => item.at === state && wanted(item))) {
        const answers = [edition, PROGRAM].map(program => {
          const documents = ask(repository, program, one)
          copyTree(copy, repository.root)
          return documents
        })
        found.push(...compare(one, answers[0] ?? [], answers[1] ?? [], say))
      }
      if (state === last) break
    }
  } finally {
    repository.cleanup()
  }
  return found
}

/** Worktrees name their places absolutely: the copy goes to where the original was. */
function copyTree(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true })
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
}

/** The answer to each step; a step whose text is no JSON document ends it. */
function ask(repository: MissionRepository, program: string, { words }: Case): readonly Document[] {
  const documents: Document[] = []
  for (const line of words) {
    if (line.startsWith('# ')) {
      writeFileSync(join(repository.root, line.slice(2)), 'note\n')
      continue
    }
    const before = documents.at(-1) ?? {}
    const step = line
      .split(' ')
      .map(word =>
        word.replace(/^M(?=$|-)/, SLUG).replace(/^\{(\w+)\}$/, (_, key: string) => String(before[key])),
      )
    const document = documentIn(repository.run(step, program).stdout)
    if (document === undefined) break
    documents.push(document)
  }
  return documents
}

/** The document in what a program printed: 3.2.0 puts notes before it. */
function documentIn(text: string): Document | undefined {
  for (const start of [0, ...[...text.matchAll(/^[[{]/gm)].map(match => match.index)]) {
    try {
      const value: unknown = JSON.parse(text.slice(start))
      if (typeof value === 'object' && value !== null) return value as Document
    } catch {
      // The next line may begin it.
    }
  }
  return undefined
}

function compare(
  { at, words }: Case,
  theirs: readonly Document[],
  ours: readonly Document[],
  say: (line: string) => void,
): readonly Found[] {
  return words
    .filter(line => !line.startsWith('# '))
    .flatMap((line, i) => {
      const command = line.replace(/ (--|WP|T\d|M\b|\{).*/, '')
      say(`${at}: ${line}\n  3.2.0: ${JSON.stringify(theirs[i])}\n  here: ${JSON.stringify(ours[i])}`)
      if (theirs[i] === undefined) return []
      return differences(shapeOf(theirs[i]), shapeOf(ours[i])).map(({ path, here, there }) => ({
        command,
        path,
        theirs: here,
        ours: there ?? 'no such key',
      }))
    })
}

/** The rows of the table in docs/compatibility.md: command, key, and why it differs. `*` stands for anything. */
export function listed(): readonly (readonly [command: RegExp, key: RegExp, row: string])[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs/compatibility.md'), 'utf8')
  const table = text.split('\n## JSON documents\n')[1]?.split('\n## ')[0] ?? ''
  const pattern = (words: string): RegExp =>
    new RegExp(
      `^(?:${words
        .split(', ')
        .map(word => word.replace(/[.[\]]/g, '\\$&').replaceAll('*', '.*'))
        .join('|')})$`,
    )
  return [...table.matchAll(/^\| `([^|]+)` \| `([^|]+)` \|.*$/gm)].map(([row, command = '', key = '']) => [
    pattern(command.replaceAll('`', '')),
    pattern(key.replaceAll('`', '')),
    row,
  ])
}
