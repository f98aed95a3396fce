import { SyncDiagnose } from '@spec-kitty/contracts/cli/sync-status'
import { syncDiagnose } from '@spec-kitty/core/sync/status'
import { defineCommand } from '../../command.ts'

export const command = defineCommand({
  description:
    'Holds every waiting and every given-up event against the contract. Exit status 1 when one is at fault.',
  result: SyncDiagnose,
  run: async ports => syncDiagnose({ ports, sync: await ports.sync() }),
  status: ({ events }) => (events.length > 0 ? 1 : 0),
  indent: true,
  text: ({ checked, events, dead_letters }) => {
    if (checked === 0) return 'No pending events in queue.'
    const bad = events.map(({ event_id, event_type, state, tries, server_error, faults }) =>
      [
        `${event_id} ${event_type} (${state === 'queued' ? 'waiting' : 'given up'}, refused ${tries} times)`,
        ...(server_error === null ? [] : [`  server: ${server_error}`]),
        ...faults.map(fault => `  ${fault}`),
      ].join('\n'),
    )
    const again = dead_letters > 0 ? ['To try given-up events again: spec-kitty sync now --retry-dead'] : []
    return [...bad, `${checked} events checked, ${events.length} at fault.`, ...again].join('\n')
  },
})
