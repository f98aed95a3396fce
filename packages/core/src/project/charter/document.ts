/** `charter.md`: plain Markdown that people edit. Made once from answers, then only read. Pure. */
import { isArray, isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import { fit } from '../../lanes/brief.ts'
import { fallbackOf, QUESTIONS } from './questions.ts'

export interface Answers {
  readonly mission: string
  readonly profile: string
  /** By key; people who edit the file write lists and numbers too. */
  readonly answers: JsonObject
  readonly selectedParadigms: readonly string[]
  readonly selectedDirectives: readonly string[]
  readonly availableTools: readonly string[]
}

/** Which answers become rules that a reviewer can hold a change against. */
const DIRECTIVES = [
  'testing_requirements',
  'quality_gates',
  'review_policy',
  'documentation_policy',
  'risk_boundaries',
]
const OWN_SECTION = ['amendment_process', 'exception_policy']

function words(value: Json | undefined): string {
  if (isArray(value)) return value.map(words).join('; ')
  return value === undefined || value === null || isObject(value) ? '' : String(value)
}

/** The text of a new charter. */
export function printCharter(given: Answers, templateSet: string): string {
  const said = (key: string): string => oneLine(words(given.answers[key]))
  const answer = (key: string): string => said(key) || fallbackOf(key)
  const answered = (key: string): boolean => said(key) !== ''
  const summary = QUESTIONS.filter(({ key }) => answered(key) && !OWN_SECTION.includes(key)).map(
    ({ key, label }) => `- ${label}: ${answer(key)}`,
  )
  const directives = DIRECTIVES.filter(answered).map(key => answer(key))
  return `# Project Charter

The rules that bind every specification, plan and review here. Edit this file as you like.

## Policy Summary

${summary.join('\n')}

## Project Directives

${[...directives, ...given.selectedDirectives].map((text, i) => `${i + 1}. ${text}`).join('\n')}

## Governance Activation

\`\`\`yaml
mission: ${given.mission}
template_set: ${templateSet}
selected_paradigms: ${flow(given.selectedParadigms)}
selected_directives: ${flow(given.selectedDirectives)}
available_tools: ${flow(given.availableTools)}
\`\`\`

## Amendment Process

${answer('amendment_process')}

## Exception Policy

${answer('exception_policy')}
`
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function flow(names: readonly string[]): string {
  return `[${names.map(name => (/^[A-Za-z][\w-]*$/.test(name) ? name : JSON.stringify(name))).join(', ')}]`
}

/** A section without its heading; `id` is the heading or its slug. Undefined when there is none. */
export function charterSection(text: string, id: string): string | undefined {
  const wanted = slug(id)
  const lines = text.split(/\r?\n/)
  const start = lines.findIndex(line => /^##? /.test(line) && slug(line) === wanted)
  if (start < 0) return undefined
  const end = lines.findIndex((line, at) => at > start && /^##? /.test(line))
  return lines
    .slice(start + 1, end < 0 ? undefined : end)
    .join('\n')
    .trim()
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}

/** The rules of the section Project Directives, in order. */
export function directivesOf(text: string): readonly string[] {
  const section = charterSection(text, 'Project Directives') ?? ''
  return [...section.matchAll(/^[ \t]*(?:\d+[.)]|[-*])[ \t]+(\S.*)$/gm)].map(match => match[1]?.trim() ?? '')
}

/** What every step of a mission has to know of the charter: under this many bytes. */
export const CONTEXT_BYTES = 2000

/** Policy summary and directives; of a charter of another form its beginning. */
export function charterContext(text: string, path: string): string {
  const parts = ['Policy Summary', 'Project Directives'].flatMap(title => {
    const section = charterSection(text, title)
    return section === undefined || section === '' ? [] : [`## ${title}\n\n${section}`]
  })
  return fit(parts.length === 0 ? text : parts.join('\n\n'), CONTEXT_BYTES, `… the rest is in ${path}`)
}
