/** The documents of a mission with two independent packages, as an agent writes them. */
export const PACKAGES = [
  { id: 'WP01', title: 'Core', tasks: ['T001', 'T002'], folder: 'core', ref: 'FR-001' },
  { id: 'WP02', title: 'Sub', tasks: ['T003'], folder: 'sub', ref: 'FR-002' },
] as const

export const SPEC = `# Feature Specification: Calc

## Functional Requirements

| ID | Title | Description | Priority | Status |
|----|-------|-------------|----------|--------|
| FR-001 | Add | The tool adds two integers. | High | Open |
| FR-002 | Sub | The tool subtracts two integers. | High | Open |

## Non-Functional Requirements

- **NFR-001**: runs in under one second

## Constraints

- **C-001**: standard library only
`
export const PLAN = `# Implementation Plan: Calc

## Summary

A small tool.

## Technical Context

**Language/Version**: Python 3.11
**Primary Dependencies**: none
**Storage**: N/A
**Testing**: unittest
**Project Type**: single

## Project Structure

src/core, src/sub
`

/** `tasks.md` and the prompts of the packages: path in the mission's directory → text. `dependent`: WP02 needs WP01. */
export function taskDocuments(dependent = false): readonly (readonly [string, string])[] {
  const needs = (id: string) => (dependent && id === 'WP02' ? 'WP01' : '')
  const sections = PACKAGES.map(
    ({ id, title, tasks, ref }) =>
      `## Work Package ${id}: ${title}\n\n**Requirement Refs**: ${ref}${id === 'WP02' ? ', NFR-001' : ''}\n**Dependencies**: ${needs(id) || 'None'}\n\n${tasks.map(task => `- [ ] ${task} write\n`).join('')}`,
  )
  return [
    ['tasks.md', `# Work Packages: Calc\n\n${sections.join('\n')}`],
    ...PACKAGES.map(item => [`tasks/${item.id}-${item.folder}.md`, prompt(item, needs(item.id))] as const),
  ]
}

function prompt({ id, title, tasks, folder, ref }: (typeof PACKAGES)[number], needs: string): string {
  return `---\nwork_package_id: ${id}\ntitle: ${title}\ndependencies: [${needs}]\nrequirement_refs: [${ref}]\ncreate_intent: [src/${folder}/m.py]\nsubtasks:\n- ${tasks.join('\n- ')}\nexecution_mode: code_change\nowned_files:\n- src/${folder}/**\nauthoritative_surface: src/${folder}/\n---\n\n# ${id}\n\nDo it.\n\n## Activity Log\n\n- 2026-01-01T00:00:00Z - system - Prompt created.\n`
}
