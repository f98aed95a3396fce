/** Which specifications of other tools lie below a directory. Reads only. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { basename, dirname, join } from '../text/paths.ts'
import type { Files } from '../world/ports.ts'
import type { Copy, Draft, Row, Tool } from './draft.ts'
import { readOpenSpec } from './openspec.ts'
import { readSpecKit } from './spec-kit.ts'

export interface FindInput {
  readonly from: Tool | 'auto'
  readonly oneWp: boolean
  readonly parallel: boolean
  /** Archived changes too. */
  readonly all: boolean
}

/** Throws `invalid_input` when there is nothing, or both tools and no choice. */
export function findDrafts(files: Files, directory: string, input: FindInput): readonly Draft[] {
  if (files.stat(directory)?.kind !== 'directory') {
    throw new KittyError('invalid_input', `${directory} is no directory`, {
      hint: sh`spec-kitty import PATH`,
    })
  }
  const wanted = (['spec-kit', 'openspec'] as const).filter(
    tool => input.from === 'auto' || input.from === tool,
  )
  const found = wanted.map(tool => [tool, placesOf(files, directory, tool, input.all)] as const)
  const having = found.filter(([, places]) => places.length > 0)
  if (having.length > 1) {
    throw new KittyError('invalid_input', `${directory} has specifications of spec-kit and of OpenSpec`, {
      hint: sh`spec-kitty import ${directory} --from spec-kit, or --from openspec`,
    })
  }
  const drafts = having.flatMap(([tool, places]) =>
    places.flatMap(place => {
      const draft = tool === 'spec-kit' ? specKit(files, place, input) : openSpec(files, place, input)
      return draft === undefined ? [] : [draft]
    }),
  )
  const [first, ...rest] = drafts
  if (first !== undefined) return [{ ...first, rows: [...first.rows, ...besides(files, directory)] }, ...rest]
  throw new KittyError('invalid_input', `No specification of ${wanted.join(' or ')} in ${directory}`, {
    hint: sh`Name the project, or one directory below its specs/ or openspec/changes/`,
  })
}

/** What a project of either tool has beside its specifications, and has no counterpart here. */
function besides(files: Files, directory: string): readonly Row[] {
  const row = (source: string, what: string, note: string): readonly Row[] =>
    files.stat(join(directory, source)) === undefined
      ? []
      : [{ source, line: null, what, became: null, note }]
  return [
    ...row(
      '.specify/memory/constitution.md',
      'constitution',
      'write what holds into .kittify/charter/charter.md',
    ),
    ...row('openspec/specs', 'specifications of what is', 'only changes become missions'),
    ...row('openspec/changes/archive', 'archived changes', 'finished; taken over with --all'),
  ]
}

function placesOf(files: Files, directory: string, tool: Tool, all: boolean): readonly string[] {
  const below = (path: string) =>
    files
      .list(path)
      .map(name => join(path, name))
      .filter(place => files.stat(place)?.kind === 'directory')
  const has = (place: string, ...names: readonly string[]) =>
    names.some(name => files.stat(join(place, name))?.kind === 'file')
  if (tool === 'spec-kit') {
    if (has(directory, 'spec.md') && !isDelta(directory)) return [directory]
    return below(join(directory, 'specs')).filter(place => has(place, 'spec.md'))
  }
  if (has(directory, 'proposal.md', '.openspec.yaml')) return [directory]
  const home = basename(directory) === 'openspec' ? directory : join(directory, 'openspec')
  const changes = join(home, 'changes')
  const archive = join(changes, 'archive')
  const open = below(changes).filter(place => place !== archive)
  return [...open, ...(all ? below(archive) : [])].filter(place => has(place, 'proposal.md', 'tasks.md'))
}

/** `openspec/specs/<capability>/spec.md` says what is, not what will be. */
const isDelta = (directory: string): boolean => basename(dirname(dirname(directory))) === 'openspec'

/** Names of a mission that are ours to write. */
const RESERVED = /^(?:meta|status|lanes|acceptance-matrix)\.|^(?:tasks|decisions|imported)(?:\/|$)/

function specKit(files: Files, place: string, input: FindInput): Draft | undefined {
  const { copies, rows } = copiesOf(files, place, ['spec.md', 'plan.md'], path => path === 'tasks.md')
  const draft = readSpecKit(files, place, input.oneWp, copies)
  return draft === undefined
    ? undefined
    : { ...draft, rows: [...draft.rows, ...planRow(draft, 'plan.md'), ...rows] }
}

function openSpec(files: Files, place: string, input: FindInput): Draft | undefined {
  const { copies, rows } = copiesOf(files, place, ['design.md'], () => true)
  const deltas = copies
    .map(({ to }) => to.replace(/^imported\//, ''))
    .filter(path => /^specs\/.+\/?spec\.md$/.test(path))
  const draft = readOpenSpec(files, place, { ...input, copies, deltas })
  return draft === undefined
    ? undefined
    : { ...draft, rows: [...draft.rows, ...planRow(draft, 'design.md'), ...rows] }
}

function planRow({ plan }: Draft, source: string): readonly Row[] {
  return plan === undefined ? [] : [{ source, line: null, what: 'plan', became: 'plan.md, byte for byte' }]
}

/** Every other file goes along byte for byte; what would be ours to write, or is `kept` as a source, goes below imported/. */
function copiesOf(files: Files, place: string, read: readonly string[], kept: (path: string) => boolean) {
  const copies: Copy[] = []
  const rows: Row[] = []
  const walk = (below: string): void => {
    for (const name of files.list(join(place, below))) {
      const path = below === '' ? name : `${below}/${name}`
      const kind = files.stat(join(place, path))?.kind
      if (kind === 'directory') walk(path)
      else if (kind !== 'file')
        rows.push({ source: path, line: null, what: 'file', became: null, note: 'a link is not followed' })
      else if (!read.includes(path)) {
        const to = kept(path) || RESERVED.test(path) ? `imported/${path}` : path
        copies.push({ from: join(place, path), to })
        rows.push({ source: path, line: null, what: 'file', became: `${to}, byte for byte` })
      }
    }
  }
  walk('')
  return { copies, rows }
}
