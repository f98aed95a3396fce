import { VerifySetup } from '@spec-kitty/contracts/cli/verify-setup'
import { verifySetup } from '@spec-kitty/core/doctor/verify-setup'
import { defineCommand, missionFlag, toggle } from '../command.ts'
import { PROGRAM } from '../program.ts'
import { describeFindings } from './doctor/describe.ts'

export const command = defineCommand({
  description: 'The short form of doctor: where you are, what is set up, which agents are installed.',
  examples: ['spec-kitty verify-setup', 'spec-kitty verify-setup --mission demo --json'],
  flags: {
    mission: missionFlag,
    checkFiles: toggle('accepted for scripts of the Python edition: files are always checked', {
      hidden: true,
    }),
    checkTools: toggle('accepted for scripts of the Python edition: tools are always checked', {
      hidden: true,
    }),
    diagnostics: toggle('accepted for scripts of the Python edition: always shown', { hidden: true }),
  },
  result: VerifySetup,
  run: (ports, { mission }) => verifySetup(ports, { mission, program: PROGRAM }),
  status: result => (result.findings.some(finding => finding.severity === 'error') ? 1 : 0),
  indent: true,
  text: (result, style) => {
    const { environment, worktree_status: missions, file_integrity: files } = result
    const installed = Object.entries(result.tools).flatMap(([name, tool]) => (tool.available ? [name] : []))
    return [
      `Project:  ${environment.project_root ?? 'not set up (spec-kitty init)'}`,
      `Branch:   ${environment.current_branch ?? 'none'}`,
      `Missions: ${missions.total_features}, ${missions.in_development} in development, ${missions.merged_features} merged`,
      `Mission:  ${environment.active_mission ?? 'none'}`,
      `Files:    ${files.total_present} of ${files.total_expected}`,
      `Tools:    ${installed.join(', ')}`,
      ...describeFindings(result.findings, style),
      result.findings.length === 0
        ? style.green('Everything is in place.')
        : style.bold('More: spec-kitty doctor'),
    ].join('\n')
  },
})
