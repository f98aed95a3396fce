import { SyncServer } from '@spec-kitty/contracts/cli/sync-routes'
import { syncServer } from '@spec-kitty/core/sync/policy'
import { defineCommand, optionalArg } from '../../command.ts'

export const command = defineCommand({
  description:
    'Shows the sync server, or sets the one in ~/.spec-kitty/config.toml. SPEC_KITTY_SAAS_URL wins over it.',
  examples: ['spec-kitty sync server', 'spec-kitty sync server https://kitty.example.com'],
  args: { url: optionalArg('address of the server') },
  result: SyncServer,
  run: async (ports, { url }) => syncServer({ ports, sync: await ports.sync() }, url),
  text: ({ server, source, changed }) =>
    `${changed ? 'Sync server set. ' : ''}${server === null ? 'No sync server is configured.' : `Sync server: ${server} (${source})`}`,
})
