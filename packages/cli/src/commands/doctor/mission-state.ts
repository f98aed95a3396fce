import { DoctorMissionState } from '@spec-kitty/contracts/cli/doctor'
import { missionStateReport } from '@spec-kitty/core/doctor/reports'
import { autoCommitFlag, choice, defineCommand, missionFlag, toggle } from '../../command.ts'
import { PROGRAM } from '../../program.ts'

export const command = defineCommand({
  description:
    'Compares log, tasks, lanes, branches, worktrees and snapshot of every mission. The same findings as doctor, in the document of the Python edition.',
  examples: [
    'spec-kitty doctor mission-state --audit',
    'spec-kitty doctor mission-state --fix --mission demo',
  ],
  flags: {
    mission: missionFlag,
    audit: toggle('look only (the default)'),
    fix: toggle('mend what can be mended'),
    failOn: choice(['error', 'warning', 'info'], 'exit with 1 on findings of this weight or more'),
    allowDirty: toggle('accepted for scripts of the Python edition', { hidden: true }),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: DoctorMissionState,
  run: (ports, { mission, fix, failOn, autoCommit }) =>
    missionStateReport(ports, { mission, fix, failOn, autoCommit, program: PROGRAM }),
  status: result => (result.fail_on_triggered ? 1 : 0),
  indent: true,
  text: (result, style) => {
    const { total_missions: total, findings_by_severity: by } = result.repo_summary
    const colour = { error: style.red, warning: style.yellow, info: style.dim }
    return [
      ...result.fixed.map(line => `${style.green('fixed')} ${line}`),
      ...result.not_fixed.map(line => `${style.red('not fixed')} ${line}`),
      ...result.missions.flatMap(({ mission_slug: slug, findings }) =>
        findings.length === 0
          ? []
          : [
              style.bold(slug),
              ...findings.flatMap(({ severity, detail, fix }) => [
                `  ${colour[severity](severity)} ${detail}`,
                ...(fix === null ? [] : [style.dim(`    ${fix}`)]),
              ]),
            ],
      ),
      style.bold(`${total} missions: ${by.error} errors, ${by.warning} warnings, ${by.info} notes`),
    ].join('\n')
  },
})
