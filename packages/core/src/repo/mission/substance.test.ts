import { describe, expect, it } from 'vitest'
import { isSubstantiveSpec, planProblem } from './substance.ts'
import { planTemplate } from './templates.ts'

describe('a specification says something', () => {
  it.each([
    '- **FR-001**: real text',
    '* FR-002: real text',
    '- FR-001 - real text',
    '| FR-003 | Title | | High | Open |',
    '| **FR-003** | | words | | |',
    '- **FR-001**: see [the page](https://example.org)',
    '- **FR-001**: löschen',
  ])('by %s', line => {
    expect(isSubstantiveSpec(`# Spec\n\n${line}\n`)).toBe(true)
  })

  it.each([
    '',
    'Prose that names FR-001: not a requirement.',
    '- **FR-001**: [NEEDS CLARIFICATION: what]',
    '- **FR-001**: NEEDS CLARIFICATION',
    '- **FR-001**: As a [role], I want [goal] so that [benefit]',
    '| FR-001 | | | High | Open |',
    '| FR-001 | [title] | [e.g., text] | High | Open |',
    '- **FR-0001**: four digits',
    '- **NFR-001**: fast',
    '<!-- - **FR-001**: commented out -->',
  ])('not by %s', line => {
    expect(isSubstantiveSpec(`# Spec\n\n${line}\n`)).toBe(false)
  })
})

describe('a plan', () => {
  const context = (...lines: string[]) =>
    `# P\n\n## Technical Context\n\n${lines.join('\n')}\n\n## Next\n\n**Testing**: x\n`

  it.each([
    [context('**Language/Version**: Go 1.22', '**Storage**: files')],
    [context('- **Language/Version:** Go 1.22', '- **Storage:** N/A')],
  ])('counts: %s', text => {
    expect(planProblem(text)).toBeUndefined()
  })

  it.each([
    ['# P\n', /no section/],
    [context('**Storage**: files'), /Language\/Version\*\* is missing/],
    [context('**Language/Version**: [e.g., Go]', '**Storage**: files'), /Language\/Version\*\* is missing/],
    [
      context('**Language/Version**: Go 1.22', '**Storage**: [if applicable, e.g., files]'),
      /at least one more/,
    ],
    [context('**Language/Version**: Go 1.22', '**Storage**: NEEDS CLARIFICATION'), /at least one more/],
    [planTemplate({ slug: 'demo', title: 'Demo' }), /Language\/Version/],
  ])('does not count: %s', (text, problem) => {
    expect(planProblem(text)).toMatch(problem)
  })
})

it('counts documents with the line ends of Windows', () => {
  const spec =
    '# Spec\n\n| ID | Title |\n|---|---|\n| FR-001 | Says hello | greets by name |\n\n- **FR-002**: says goodbye\n'
  const plan = '## Technical Context\n\n**Language/Version**: Node 20\n**Storage**: files\n'
  for (const text of [spec, spec.slice(0, spec.indexOf('| FR')), spec.replace(/^\|.*$/gm, '')])
    expect(isSubstantiveSpec(text.replaceAll('\n', '\r\n'))).toBe(isSubstantiveSpec(text))
  expect(planProblem(plan.replaceAll('\n', '\r\n'))).toBeUndefined()
})
