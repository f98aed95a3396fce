/** The prompt of each step: under 6 KB, with the commands that finish it. Pure. */
import { sh } from '@spec-kitty/contracts/sh'
import { bullets, compose, fit, instructions, section } from '../lanes/brief.ts'
import type { MissionStep } from '../repo/mission/types.ts'
import type { Choice } from './decide.ts'
import type { BoardItem, NextFacts } from './facts.ts'

/** What an agent needs for the chosen step. `workspace` is the absolute directory of a work package's lane. */
export function stepPrompt(
  facts: NextFacts,
  choice: Choice,
  agent: string,
  workspace: string | null,
): string {
  const item = facts.board.find(candidate => candidate.wp.id === choice.wpId)
  const missing = section('Still missing', bullets(choice.missing, 10))
  const finish = section('When it is done', report(facts, choice, agent))
  if (item !== undefined) {
    const head = `# ${choice.action === 'review' ? 'Review' : 'Implement'} ${item.wp.id}: ${item.wp.title}\n`
    return compose(
      [head, section('Begin', begin(facts, choice, agent, workspace))],
      bytes =>
        section(
          'What it is about',
          fit(instructions(item.wp.body), bytes - 30, `… the rest is in ${item.wp.path}`),
        ),
      [section('Builds on', bullets(dependencies(facts, item), 8)), finish],
    )
  }
  const definition = facts.type.steps.find(candidate => candidate.id === choice.step)
  const head = `# ${definition?.title ?? choice.step}\n`
  return compose([head, place(facts)], () => section('What to do', guidance(facts, choice, definition)), [
    missing,
    finish,
  ])
}

function place({ mission }: NextFacts): string {
  const name = typeof mission.meta.friendly_name === 'string' ? mission.meta.friendly_name : mission.slug
  const purpose =
    typeof mission.meta.purpose_context === 'string' ? `\n\n${mission.meta.purpose_context}` : ''
  return section(
    'Mission',
    `${name} (${mission.slug}), merged into ${mission.targetBranch}. Its folder: ${mission.dir}${purpose}`,
  )
}

function begin({ mission }: NextFacts, choice: Choice, agent: string, workspace: string | null): string {
  const command = sh`spec-kitty agent action ${choice.action ?? 'implement'} ${choice.wpId ?? ''} --agent ${agent} --mission ${mission.slug}`
  const where =
    choice.action === 'review'
      ? 'shows the diff and claims the review'
      : `claims it and makes its worktree ${workspace ?? ''}`
  return `Run \`${command}\`: it ${where}, and prints the full instructions. It can be run again.`
}

function dependencies({ board }: NextFacts, item: BoardItem): readonly string[] {
  return board
    .filter(other => item.wp.dependencies.includes(other.wp.id))
    .map(
      ({ wp, lane }) =>
        `${wp.id} ${wp.title} (${lane}), files: ${wp.ownedFiles.slice(0, 4).join(', ')}; contract: ${wp.path}`,
    )
}

function guidance({ mission }: NextFacts, choice: Choice, definition: MissionStep | undefined): string {
  const own = mission.type === 'software-dev' || choice.step === 'accept' ? GUIDANCE[choice.step] : undefined
  if (own !== undefined) return own
  const target = definition?.artefact
  if (target === undefined) return definition?.title ?? choice.step
  return `Write ${target.startsWith('/') ? `pages under ${target.slice(1)}/` : `${mission.dir}/${target}`}: ${definition?.title.toLowerCase() ?? ''}. Read what the steps before have written in the mission's folder first.`
}

const GUIDANCE: Readonly<Record<string, string>> = {
  discovery: `Ask the person who wants this, one question at a time: who needs it, what they do today, what must be possible afterwards, what is out of scope, how success is seen. Stop when you could write the requirements. Write nothing yet.`,
  specify: `Write spec.md: the problem, who has it, what will be possible, and what is out of scope. Number every requirement so that work packages can refer to it:

| ID | Title | Description |
|----|-------|-------------|
| FR-001 | short name | what the product does, so that it can be tested |

Add NFR-001 … for qualities with a number, C-001 … for constraints, and success criteria. Say what, not how. Mark what nobody has decided as [NEEDS CLARIFICATION: question].

The first command below commits it and lays out plan.md; that it answers "blocked" is about the plan, which comes next.`,
  plan: `Write plan.md: the approach, the structure of the code, the decisions with their reasons, the risks. The section "## Technical Context" needs "**Language/Version**: …" and at least one more field such as "**Primary Dependencies**: …" with real values. Read the code that is there first.`,
  tasks: `Cut the plan into work packages that one agent finishes in one sitting. tasks.md has a section for each:

## Work Package WP01: Title

**Requirement Refs**: FR-001
**Dependencies**: None

- [ ] T001 first subtask

and tasks/WP01-short-name.md has front matter (work_package_id, title, subtasks, execution_mode: code_change, owned_files, authoritative_surface) and instructions; tasks/README.md shows the form. Every functional requirement is brought by a work package; no two own the same files; state real dependencies only, so that the rest can be built in parallel. List new single files under create_intent.`,
  accept: `Check that the requirements are met, then accept and merge. The dry run shows what would happen and what stands in the way.`,
}

function report(facts: NextFacts, choice: Choice, agent: string): string {
  const flag = ['--mission', facts.mission.slug]
  const next = sh`spec-kitty next --agent ${agent} --result success ${flag} --json`
  const commands = commandsOf(facts, choice, agent)
  const lines = [...commands, next].map((command, i) => `${i + 1}. \`${command}\``)
  const failed = sh`spec-kitty next --agent ${agent} --result failed ${flag} --json`
  return `${lines.join('\n')}\n\nIf you cannot go on: \`${failed}\`, then tell the person what is in the way.`
}

/** Documents without a gate of their own are committed by their author. */
function saveCommand(mission: NextFacts['mission'], definition: MissionStep | undefined): readonly string[] {
  const { artefact } = definition ?? {}
  if (artefact === undefined) return []
  const path = artefact.startsWith('/') ? artefact.slice(1) : `${mission.rel}/${artefact}`
  return [sh`spec-kitty safe-commit -m ${`Add ${artefact.replace(/^\//, '')} for ${mission.slug}`} ${path}`]
}

function commandsOf(facts: NextFacts, choice: Choice, agent: string): readonly string[] {
  const { mission, board, type } = facts
  const flag = ['--mission', mission.slug]
  const packages = board.length > 0
  const definition = type.steps.find(candidate => candidate.id === choice.step)
  if (choice.action === 'review') {
    return [
      sh`spec-kitty agent tasks move-task ${choice.wpId ?? ''} --to approved --agent ${agent} --note "<why>" ${flag}`,
      sh`or spec-kitty agent tasks move-task ${choice.wpId ?? ''} --to planned --review-feedback-file FILE --agent ${agent} ${flag}`,
    ]
  }
  if (choice.action === 'implement') {
    return [
      sh`spec-kitty agent tasks move-task ${choice.wpId ?? ''} --to for_review --agent ${agent} --note "<what you did>" ${flag}`,
    ]
  }
  if (choice.step === 'accept') {
    return packages
      ? [
          sh`spec-kitty accept ${flag}`,
          sh`spec-kitty merge --dry-run ${flag}`,
          sh`spec-kitty merge --yes ${flag}`,
        ]
      : [sh`spec-kitty mission close ${flag}`]
  }
  if (mission.type !== 'software-dev') return saveCommand(mission, definition)
  const gates: Readonly<Record<string, readonly string[]>> = {
    specify: [sh`spec-kitty agent mission setup-plan ${flag} --json`],
    plan: [sh`spec-kitty agent mission setup-plan ${flag} --json`],
    tasks: [sh`spec-kitty agent mission finalize-tasks ${flag} --json`],
  }
  return gates[choice.step] ?? []
}
