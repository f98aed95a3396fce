import { SyncOpt } from '@spec-kitty/contracts/cli/sync-routes'
import { optIn } from '@spec-kitty/core/sync/policy'
import { defineCommand, toggle } from '../../command.ts'

export const command = defineCommand({
  description: 'Lets events of this repository be sent.',
  flags: { checkoutOnly: toggle('only of this checkout') },
  result: SyncOpt,
  run: async (ports, { checkoutOnly }) => optIn({ ports, sync: await ports.sync() }, checkoutOnly ?? false),
  text: ({ checkout, changed }) => `Events of ${checkout} are sent${changed ? '' : ' already'}.`,
})
