import { SyncDoctor } from '@spec-kitty/contracts/cli/sync-status'
import { syncDoctor } from '@spec-kitty/core/sync/status'
import { defineCommand } from '../../command.ts'

export const command = defineCommand({
  description:
    'Finds everything that is wrong with sync, with its remedy. Exit status 1 when there is something.',
  result: SyncDoctor,
  run: async ports => {
    const sync = await ports.sync()
    try {
      return await syncDoctor({ ports, sync })
    } finally {
      sync.net.close()
    }
  },
  status: ({ ok }) => (ok ? 0 : 1),
  indent: true,
  text: ({ findings }) =>
    findings.length === 0
      ? 'Sync is in order.'
      : findings
          .map(({ id, severity, summary, remediation }) => `${id} ${severity}: ${summary}\n  ${remediation}`)
          .join('\n'),
})
