import { ImplementCommand } from '@spec-kitty/contracts/cli/implement'
import { implement } from '@spec-kitty/core/lanes/implement'
import { recover } from '@spec-kitty/core/lanes/recover'
import { arg, autoCommitFlag, defineCommand, missionFlag, text, toggle } from '../command.ts'
import type { Style } from '../style.ts'

export const command = defineCommand({
  description:
    'Claims a work package and makes, or finds, the worktree of its lane with the approved code it builds on. Agents use `spec-kitty agent action implement`, which also prints what to do.',
  examples: [
    'spec-kitty implement WP01',
    'spec-kitty implement WP02 --base main --json',
    'spec-kitty implement WP01 --recover',
  ],
  args: { wpId: arg('work package id') },
  flags: {
    mission: missionFlag,
    agent: text('who does the work', { value: 'NAME' }),
    actor: text('name for the events of a program', { value: 'NAME', hidden: true }),
    base: text('start a new lane here instead of at the mission branch', { value: 'REF' }),
    recover: toggle('put back worktrees and states that a crashed session left undone'),
    acknowledgeNotBulkEdit: toggle('accepted for scripts of the Python edition', { hidden: true }),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: ImplementCommand,
  run: (ports, input): Promise<ImplementCommand> =>
    input.recover === true ? recover(ports, input) : implement(ports, input),
  status: result => (result.status === 'error' ? 1 : 0),
  text: (result, style) => ('workspace' in result ? begun(result, style) : recovered(result, style)),
})

type Begun = Extract<ImplementCommand, { workspace: string }>
type Recovered = Exclude<ImplementCommand, Begun>

function begun(result: Begun, style: Style): string {
  const where = result.workspace === '.' ? 'in this checkout' : `in ${style.bold(result.workspace)}`
  return [
    `${result.wp_id} is in progress ${where} on ${result.branch}.`,
    ...result.merged_lanes.map(lane => `Took over the approved code of ${lane}.`),
    ...result.warnings.map(warning => style.yellow(warning)),
  ].join('\n')
}

function recovered(result: Recovered, style: Style): string {
  const lines = [
    ...result.worktrees_recreated.map(path => `Made the worktree ${path} again.`),
    ...result.contexts_recreated.map(name => `Wrote the context of ${name} again.`),
    ...(result.transitions_emitted > 0 ? [`${result.wp_id} is in progress again.`] : []),
    ...result.errors.map(error => style.red(error)),
  ]
  return lines.length === 0 ? 'Nothing to recover.' : lines.join('\n')
}
