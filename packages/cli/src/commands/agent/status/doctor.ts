import { AgentStatusDoctor } from '@spec-kitty/contracts/cli/status-doctor'
import { statusDoctor } from '@spec-kitty/core/status/doctor'
import { autoCommitFlag, count, defineCommand, missionFlag, toggle } from '../../../command.ts'

export const command = defineCommand({
  description:
    'Looks for trouble in the status of a mission: a broken log, a snapshot that lags behind, work that nobody goes on with. With --fix it mends what can be mended without losing an event, and keeps a copy of the log.',
  examples: ['spec-kitty agent status doctor', 'spec-kitty agent status doctor --fix --mission demo'],
  flags: {
    mission: missionFlag,
    fix: toggle('mend the log and status.json'),
    staleClaimedDays: count('days after which a claim is stale (7)'),
    staleInProgressDays: count('days after which work in progress is stale (14)'),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: AgentStatusDoctor,
  run: (ports, input) => statusDoctor(ports, input),
  status: result => (result.healthy ? 0 : 1),
  indent: true,
  text: (result, style) => {
    const colour = { error: style.red, warning: style.yellow, info: style.dim }
    return [
      result.healthy ? style.green(`${result.mission_slug}: healthy`) : `${result.mission_slug}:`,
      ...result.fixed.map(action => `  ${style.green('fixed')} ${action}`),
      ...(result.backup === null ? [] : [`  The log as it was: ${result.backup}`]),
      ...result.findings.flatMap(({ severity, message, recommended_action: action }) => [
        `  ${colour[severity](severity)} ${message}`,
        `    ${style.dim(action)}`,
      ]),
    ].join('\n')
  },
})
