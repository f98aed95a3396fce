/** A feature of GitHub's spec-kit (`specs/NNN-name/`) as a draft. Its specification is taken over word for word. Pure. */
import { basename, join } from '../text/paths.ts'
import type { Files } from '../world/ports.ts'
import type { Copy, Draft, Row } from './draft.ts'
import { makePackages, mapRequirements } from './packages.ts'
import { type Group, readGroups } from './task-list.ts'

/** Undefined: no feature lies there. */
export function readSpecKit(
  files: Files,
  directory: string,
  oneWp: boolean,
  copies: readonly Copy[],
): Draft | undefined {
  const spec = files.text(join(directory, 'spec.md'))
  if (spec === undefined) return undefined
  const name = basename(directory)
  const title = /^#[ \t]+(?:Feature Specification:[ \t]*)?(\S.*)$/m.exec(spec)?.[1]?.trimEnd() ?? name
  const made = makePackages(readGroups(files.text(join(directory, 'tasks.md')) ?? ''), {
    tool: 'spec-kit',
    file: 'tasks.md',
    oneWp,
    waitsFor,
  })
  const { packages, warnings } = mapRequirements(made.packages, requirementsOf(spec))
  const questions = [...spec.matchAll(/\[NEEDS CLARIFICATION:?([^\]]{0,2000})\]/g)].map(match =>
    (match[1] ?? '').trim(),
  )
  return {
    tool: 'spec-kit',
    directory,
    slug: name.replace(/^(?:\d{8}-\d{6}|\d+)-/, ''),
    title,
    tldr: title,
    spec,
    plan: files.text(join(directory, 'plan.md')),
    copies,
    packages,
    questions,
    rows: [...specRows(spec), ...made.rows],
    warnings: [...made.warnings, ...warnings],
  }
}

const STORY = /\bUS\d+\b|user story/i
const isStory = (group: Group): boolean => STORY.test(group.heading ?? '')

/** Setup first, then what all build on, then the stories beside each other, then the rest after everything. */
function waitsFor(groups: readonly Group[], index: number): readonly number[] {
  if (index === 0) return []
  const named = groups.findIndex(group => /foundation/i.test(group.heading ?? ''))
  const second = groups[1] !== undefined && !isStory(groups[1]) ? 1 : 0
  const base = named >= 0 ? named : second
  if (index <= base) return [index - 1]
  const group = groups[index]
  const last = index === groups.length - 1 && group !== undefined && !isStory(group)
  return last ? groups.map((_, other) => other).slice(0, -1) : [base]
}

function requirementsOf(spec: string): readonly string[] {
  return [...spec.matchAll(/^[ \t]*[-*][ \t]+\*\*(FR-\d+)\*\*/gm)].map(match => match[1] ?? '')
}

function specRows(spec: string): readonly Row[] {
  return spec.split('\n').flatMap((text, index): readonly Row[] => {
    const id = /\*\*((?:FR|NFR|SC)-\d+)\*\*/.exec(text)?.[1]
    const story = /^###\s+(User Story \d.*)$/.exec(text)?.[1]?.trimEnd()
    const open = text.includes('[NEEDS CLARIFICATION')
    const what = id ?? story
    const place = { source: 'spec.md', line: index + 1 }
    return [
      ...(what === undefined ? [] : [{ ...place, what, became: 'spec.md, word for word' }]),
      ...(open ? [{ ...place, what: 'open point', became: 'an open decision' }] : []),
    ]
  })
}
