import { ServePrune } from '@spec-kitty/contracts/cli/serve'
import { defineCommand } from '../../command.ts'
import { storeFlags, withStore } from '../../serve-store.ts'

export const command = defineCommand({
  description:
    'Removes events that are older than their team keeps them (serve limits --keep-days). A running server goes on meanwhile; lanes on the board stay.',
  examples: ['spec-kitty serve prune --data ~/spec-kitty-server'],
  flags: storeFlags,
  result: ServePrune,
  run: (ports, input) =>
    withStore(ports, input, async store => {
      const { prune } = await import('@spec-kitty/server/admin')
      return { events_removed: await prune(store) }
    }),
  text: ({ events_removed }) => `${events_removed} events removed.`,
})
