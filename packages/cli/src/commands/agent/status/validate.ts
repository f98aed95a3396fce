import { AgentStatusValidate } from '@spec-kitty/contracts/cli/status-validate'
import { validateStatus } from '@spec-kitty/core/status/validate'
import { defineCommand, missionFlag } from '../../../command.ts'

export const command = defineCommand({
  description:
    'Judges every event of the log by the rules of today, and status.json by the log. Changes nothing.',
  examples: ['spec-kitty agent status validate --mission demo --json'],
  flags: { mission: missionFlag },
  result: AgentStatusValidate,
  run: (ports, input) => validateStatus(ports, input),
  status: result => (result.passed ? 0 : 1),
  text: (result, style) => {
    const verdict = result.passed
      ? style.green(`${result.mission_slug}: passed`)
      : style.red(`${result.mission_slug}: ${result.error_count} errors`)
    const errors = result.errors.map(error => `  ${style.red('error')} ${error}`)
    const warnings = result.warnings.map(warning => `  ${style.yellow('warning')} ${warning}`)
    return [verdict, ...errors, ...warnings].join('\n')
  },
})
