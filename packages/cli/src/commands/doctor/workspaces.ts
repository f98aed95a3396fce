import { DoctorWorkspaces } from '@spec-kitty/contracts/cli/doctor'
import { workspacesReport } from '@spec-kitty/core/doctor/reports'
import { defineCommand, toggle } from '../../command.ts'
import { describeFindings } from './describe.ts'

export const command = defineCommand({
  description:
    'Finds directories below .worktrees that are no worktrees. With --fix empty ones are removed; one that holds files is left to you.',
  examples: ['spec-kitty doctor workspaces', 'spec-kitty doctor workspaces --fix'],
  flags: { fix: toggle('remove empty ones') },
  writes: true,
  result: DoctorWorkspaces,
  run: (ports, input) => workspacesReport(ports, input.fix === true),
  status: result => (result.healthy || result.removed !== undefined ? 0 : 1),
  indent: true,
  text: (result, style) =>
    [
      ...(result.removed ?? []).map(path => `${style.green('removed')} ${path}`),
      ...describeFindings(result.findings, style),
      result.healthy
        ? style.green('All worktrees are in order.')
        : style.bold(`${result.husks.length} are none.`),
    ].join('\n'),
})
