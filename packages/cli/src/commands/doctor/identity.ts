import { DoctorIdentity } from '@spec-kitty/contracts/cli/doctor'
import { identityReport } from '@spec-kitty/core/doctor/reports'
import { defineCommand, missionFlag, text } from '../../command.ts'
import { describeFindings } from './describe.ts'

export const command = defineCommand({
  description:
    'Shows ids and numbers of missions. assigned: id and number; pending: id, not merged yet; legacy: number, no id; orphan: neither.',
  examples: ['spec-kitty doctor identity', 'spec-kitty doctor identity --fail-on legacy,orphan'],
  flags: {
    mission: missionFlag,
    failOn: text('exit with 1 when one of these occurs: assigned, pending, legacy, orphan', {
      value: 'STATES',
    }),
  },
  result: DoctorIdentity,
  run: (ports, input) => identityReport(ports, input),
  status: result => (result.fail_on_triggered ? 1 : 0),
  indent: true,
  text: (result, style) => {
    const { assigned, pending, legacy, orphan } = result.summary
    return [
      ...result.missions.map(
        item => `${item.state.padEnd(9)} ${item.slug}  ${style.dim(item.mission_id ?? '-')}`,
      ),
      ...describeFindings(result.findings, style),
      style.bold(`${assigned} assigned, ${pending} pending, ${legacy} legacy, ${orphan} orphan`),
    ].join('\n')
  },
})
