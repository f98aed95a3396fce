import { SyncStatus } from '@spec-kitty/contracts/cli/sync-status'
import { syncStatus } from '@spec-kitty/core/sync/status'
import { defineCommand, toggle } from '../../command.ts'

export const command = defineCommand({
  description: 'Shows what waits to be sent, to which server, and what is in the way.',
  examples: ['spec-kitty sync status', 'spec-kitty sync status --check --json'],
  flags: { check: toggle('exit with 1 when something is in the way') },
  result: SyncStatus,
  run: async (ports, { check }) => {
    const status = syncStatus({ ports, sync: await ports.sync() })
    const exit_code: 0 | 1 = check === true && !status.ok ? 1 : 0
    return { ...status, exit_code }
  },
  status: ({ exit_code }) => exit_code,
  text: status => {
    const queue = status.active_queue
    return [
      `Sync:     ${status.enabled ? 'on' : 'off'}`,
      `Server:   ${status.server ?? 'none'}${status.server_source === null ? '' : ` (${status.server_source})`}`,
      `User:     ${status.user ?? 'not logged in'}`,
      `Waiting:  ${queue.event_count} events, ${queue.body_upload_count} documents`,
      ...(status.parked > 0 ? [`Parked:   ${status.parked} of another login or server`] : []),
      ...(status.overflow > 0 ? [`Overflow: ${status.overflow}`] : []),
      ...(status.dead_letters > 0 ? [`Given up: ${status.dead_letters}`] : []),
      ...status.findings.map(({ summary, remediation }) => `! ${summary}\n  ${remediation}`),
    ].join('\n')
  },
})
