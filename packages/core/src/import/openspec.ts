/** A change of OpenSpec (`openspec/changes/<id>/`) as a draft: proposal and deltas become one specification. Pure. */
import { basename, join } from '../text/paths.ts'
import type { Files } from '../world/ports.ts'
import type { Copy, Draft, Row } from './draft.ts'
import { makePackages, mapRequirements } from './packages.ts'
import { readGroups } from './task-list.ts'

export interface OpenSpecInput {
  readonly oneWp: boolean
  /** Groups do not wait for each other. */
  readonly parallel: boolean
  readonly copies: readonly Copy[]
  /** Names of the delta files below the change, sorted. */
  readonly deltas: readonly string[]
}

interface Requirement {
  readonly title: string
  readonly body: string
  readonly row: Row
}

/** Undefined: no change lies there. */
export function readOpenSpec(files: Files, directory: string, input: OpenSpecInput): Draft | undefined {
  const proposal = files.text(join(directory, 'proposal.md'))
  const list = files.text(join(directory, 'tasks.md'))
  if (proposal === undefined && list === undefined) return undefined
  const name = basename(directory).replace(/^\d{4}-\d{2}-\d{2}-/, '')
  const heading = /^#[ \t]+(\S.*)$/m.exec(proposal ?? '')?.[1]?.trimEnd()
  const title = heading === undefined || /^proposal$/i.test(heading) ? name.replaceAll('-', ' ') : heading
  const found = input.deltas.map(path => readDelta(path, files.text(join(directory, path)) ?? ''))
  const told = found.flatMap(delta => delta.requirements)
  const requirements = told.length > 0 ? told : fromChanges(proposal ?? '')
  const made = makePackages(readGroups(list ?? ''), {
    tool: 'openspec',
    file: 'tasks.md',
    oneWp: input.oneWp,
    waitsFor: (_, index) => (index === 0 || input.parallel ? [] : [index - 1]),
  })
  const mapped = mapRequirements(
    made.packages,
    requirements.map((_, index) => frId(index)),
  )
  return {
    tool: 'openspec',
    directory,
    slug: name,
    title,
    tldr: firstSentence(proposal ?? '') ?? title,
    spec: specOf(
      title,
      proposal,
      requirements,
      found.map(delta => delta.other),
    ),
    plan: files.text(join(directory, 'design.md')),
    copies: input.copies,
    packages: mapped.packages,
    questions: [],
    rows: [
      {
        source: 'proposal.md',
        line: null,
        what: 'proposal',
        became: proposal === undefined ? null : 'spec.md, its overview',
      },
      ...requirements.map((item, index) => ({ ...item.row, became: `spec.md ${frId(index)}` })),
      ...found.flatMap(delta => delta.rows),
      ...made.rows,
    ],
    warnings: [...found.flatMap(delta => delta.warnings), ...made.warnings, ...mapped.warnings],
  }
}

const frId = (index: number): string => `FR-${String(index + 1).padStart(3, '0')}`

const KIND = /^##\s+(ADDED|MODIFIED|REMOVED|RENAMED)\s+Requirements\s*$/i

interface Delta {
  readonly requirements: readonly Requirement[]
  readonly rows: readonly Row[]
  readonly warnings: readonly string[]
  /** What is neither: purpose, renames, free words. */
  readonly other: string
}

function readDelta(path: string, text: string): Delta {
  const requirements: { title: string; body: string[]; row: Row }[] = []
  const rows: Row[] = []
  const warnings: string[] = []
  const other: string[] = []
  let kind = ''
  let open: string[] = other
  for (const [index, raw] of text.split('\n').entries()) {
    const words = raw.replace(/\r$/, '')
    const at = { source: path, line: index + 1 }
    const heading = /^###\s+Requirement:\s*(\S.*)$/i.exec(words)?.[1]?.trimEnd()
    const section = /^##\s/.test(words)
    if (section) {
      kind = KIND.exec(words)?.[1]?.toUpperCase() ?? ''
      open = other
      if (kind === '') other.push(`#${words}`)
    } else if (heading !== undefined && kind !== 'RENAMED') {
      const removed = kind === 'REMOVED'
      open = []
      const title = removed ? `Remove: ${heading}` : heading
      requirements.push({ title, body: open, row: { ...at, what: `requirement "${heading}"`, became: null } })
      if (removed)
        warnings.push(`${path}: "${heading}" is removed there; here it is a requirement to remove it`)
      if (kind === 'MODIFIED')
        warnings.push(`${path}: "${heading}" changes what is there; here it is the whole requirement`)
    } else {
      const rename =
        kind === 'RENAMED'
          ? /^(?:-\s*)?(FROM|TO):\s*`?(?:###\s*Requirement:\s*)?(\S.*)$/i.exec(words.trim().replace(/`$/, ''))
          : null
      if (rename !== null) {
        rows.push({
          ...at,
          what: `rename ${rename[1]}: ${rename[2]}`,
          became: 'spec.md, a note',
          note: 'a new name is no requirement',
        })
        if (rename[1]?.toUpperCase() === 'TO')
          warnings.push(`${path}: the new name "${rename[2]}" became a note`)
      }
      open.push(words)
    }
  }
  const text_ = (lines: readonly string[]) => lines.join('\n').trim()
  return {
    requirements: requirements.map(item => ({ ...item, body: text_(item.body) })),
    rows,
    warnings,
    other: text_(other),
  }
}

/** Without deltas, each bullet of "What Changes" is a requirement. */
function fromChanges(proposal: string): readonly Requirement[] {
  return sectionOf(proposal, 'What Changes').flatMap(({ text, line }): readonly Requirement[] => {
    const words = /^\s*[-*]\s+(\S.*)$/.exec(text)?.[1]
    if (words === undefined) return []
    return [
      {
        title: words,
        body: '',
        row: { source: 'proposal.md', line, what: `change "${words.slice(0, 40)}"`, became: null },
      },
    ]
  })
}

function sectionOf(text: string, name: string): readonly { readonly text: string; readonly line: number }[] {
  const lines = text.split('\n').map((raw, index) => ({ text: raw.replace(/\r$/, ''), line: index + 1 }))
  const start = lines.findIndex(line => line.text.trim() === `## ${name}`)
  if (start < 0) return []
  const rest = lines.slice(start + 1)
  const end = rest.findIndex(line => /^##\s/.test(line.text))
  return end < 0 ? rest : rest.slice(0, end)
}

function firstSentence(proposal: string): string | undefined {
  const why = sectionOf(proposal, 'Why')
    .map(line => line.text)
    .join(' ')
    .trim()
  return /^.+?[.!?](?=\s|$)/.exec(why)?.[0] ?? (why === '' ? undefined : why.slice(0, 200))
}

function specOf(
  title: string,
  proposal: string | undefined,
  requirements: readonly Requirement[],
  notes: readonly string[],
): string {
  const overview = (proposal ?? '')
    .replaceAll('\r', '')
    .replace(/^#\s.*\n/m, '')
    .trim()
  const rows = requirements.map(({ title: name, body }, index) => {
    const [first = '', ...rest] = body.split('\n')
    const words = first.trim() === '' ? name : `${name}. ${first.trim()}`
    return [
      `- **${frId(index)}**: ${words}`,
      ...rest.map(line => (line.trim() === '' ? '' : `  ${line.replace(/^#+\s*/, '')}`)),
    ]
      .join('\n')
      .trimEnd()
  })
  const parts = [
    `# ${title}`,
    overview,
    ...(rows.length === 0 ? [] : ['## Functional Requirements', rows.join('\n')]),
  ]
  const kept = notes.filter(note => note !== '')
  if (kept.length > 0) parts.push('## Notes from the source', kept.join('\n\n'))
  return `${parts.filter(part => part !== '').join('\n\n')}\n`
}
