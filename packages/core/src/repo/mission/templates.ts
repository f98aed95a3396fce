/** Texts that a mission starts with. Ours, short; what people fill in is marked so that the gates see it. */

/** `tasks/README.md`. */
export function tasksReadme(target: string): string {
  return `# Work packages

One file for each work package: \`WP01-short-name.md\`, \`WP02-…\`. The list of all subtasks is \`../tasks.md\`.
Where a work package stands is in \`../status.events.jsonl\`, never in these files.

\`\`\`markdown
---
work_package_id: WP01
title: What it brings
dependencies: []
requirement_refs:
- FR-001
subtasks:
- T001
- T002
execution_mode: code_change
owned_files:
- src/area/**
create_intent:
- src/area/new-file.ts
---
# WP01 - What it brings

Goal, subtasks with their details, how to verify.
\`\`\`

* \`owned_files\`: the paths that only this work package touches (globs). No two work packages may meet.
  A single file that does not exist yet is also listed under \`create_intent\`.
* \`execution_mode\`: \`code_change\` is built in a worktree of its own; \`planning_artifact\` in the checkout.
* Branches start from and return to \`${target}\`; finalize-tasks writes that here.

Then run \`spec-kitty agent mission finalize-tasks\`.
`
}

/** `plan.md`, to be filled in. Bracketed text counts as empty for the gate of setup-plan. */
export function planTemplate(mission: { readonly slug: string; readonly title: string }): string {
  return `# Plan: ${mission.title}

**Specification**: kitty-specs/${mission.slug}/spec.md

## Summary

[what will be built, and the approach in a few sentences]

## Technical Context

**Language/Version**: [e.g., TypeScript 5, Python 3.12 or NEEDS CLARIFICATION]
**Primary Dependencies**: [e.g., none, FastAPI or NEEDS CLARIFICATION]
**Storage**: [if applicable, e.g., files, PostgreSQL or N/A]
**Testing**: [e.g., vitest, pytest or NEEDS CLARIFICATION]
**Target Platform**: [e.g., Linux server, browser or NEEDS CLARIFICATION]
**Constraints**: [e.g., under 200 ms, works offline or NEEDS CLARIFICATION]

## Charter Check

[a line for each rule of the project that applies; drop the section when there is no charter]

## Project Structure

[the folders and files this mission adds or changes]

## Concerns

### IC-01 [name]

[purpose, requirements (FR-001), paths, order, risks]

## Decisions

[each choice, its reason, and what was turned down]

## Risks

[what can go wrong, and how it would be noticed]
`
}
