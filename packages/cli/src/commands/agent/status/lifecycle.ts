import { AgentStatusLifecycle } from '@spec-kitty/contracts/cli/status-lifecycle'
import { missionLifecycle } from '@spec-kitty/core/status/lifecycle'
import { defineCommand, missionFlag } from '../../../command.ts'

export const command = defineCommand({
  description: 'Tells how alive a mission is: active, stale, finished, archived, reopened - and why.',
  examples: ['spec-kitty agent status lifecycle --mission demo --json'],
  flags: { mission: missionFlag },
  result: AgentStatusLifecycle,
  run: (ports, input) => missionLifecycle(ports, input),
  text: (result, style) => `${result.mission_slug}: ${style.bold(result.state)}. ${result.reason}.`,
})
