import { Accept, type Accepted, type AcceptSummary } from '@spec-kitty/contracts/cli/accept'
import { accept } from '@spec-kitty/core/accept/accept'
import { choice, defineCommand, many, missionFlag, text, toggle } from '../command.ts'
import type { Style } from '../style.ts'

const MODES = ['auto', 'pr', 'local', 'checklist'] as const

export const command = defineCommand({
  description:
    'Checks that a mission is ready (everything approved, ticked, proven and committed) and records its acceptance in one commit. Every problem is listed with its remedy.',
  examples: [
    'spec-kitty accept',
    'spec-kitty accept --mode checklist --json',
    'spec-kitty accept --test "npm test" --actor ann',
  ],
  flags: {
    mission: missionFlag,
    mode: choice(MODES, 'what happens next: pr or local (auto looks for a remote), or only the checklist'),
    actor: text('who accepts (default: the name in git)', { value: 'NAME' }),
    test: many('a command that must succeed; may be given several times', { value: 'COMMAND' }),
    lenient: toggle('do not ask for agent and shell_pid of each package'),
    mergeCommit: text('with --mode pr: the commit by which the forge landed the mission, to record', {
      value: 'SHA',
    }),
    attestFirstLandingCommit: toggle(
      'with --merge-commit: its first parent is what the target was before; recorded as your word',
    ),
    commit: toggle('record the acceptance; --no-commit only reports readiness'),
    diagnose: toggle('list what is in the way, run nothing, write nothing, exit 0'),
    allowFail: toggle('accepted for scripts of the Python edition: the checklist is always printed', {
      hidden: true,
    }),
  },
  writes: true,
  result: Accept,
  run: (ports, input) => accept(ports, input),
  status: result => ('accepted_at' in result || result.ok || result.diagnose === true ? 0 : 1),
  text: (result, style) => ('accepted_at' in result ? accepted(result, style) : checklist(result, style)),
})

function accepted(result: Accepted, style: Style): string {
  const { summary, accepted_by: by, mode } = result
  const count = `${result.accepted_wps.length} work packages`
  return [
    style.green(
      result.recorded
        ? `Accepted ${summary.mission_slug} (${count}) as ${by}, ${mode}.`
        : `${summary.mission_slug} is ready to be accepted (${count}); nothing was written.`,
    ),
    ...summary.warnings.map(warning => style.dim(warning)),
    'Next:',
    ...result.instructions.map(step => `  ${step}`),
  ].join('\n')
}

function checklist(result: AcceptSummary, style: Style): string {
  const head = result.ok
    ? style.green(`${result.mission_slug} is ready to be accepted.`)
    : style.red(`${result.mission_slug} is not ready: ${result.failed_checks.length} to mend.`)
  const problems = result.failed_checks.flatMap(check => [
    `  ${check.detail}`,
    style.dim(`    → ${check.remedy}`),
  ])
  return [head, ...problems, ...result.warnings.map(warning => style.dim(`  ${warning}`))].join('\n')
}
