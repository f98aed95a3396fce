import { SyncShare } from '@spec-kitty/contracts/cli/sync-routes'
import { requireSync } from '@spec-kitty/core/link/switch'
import { share } from '@spec-kitty/core/sync/policy'
import { arg, defineCommand } from '../../command.ts'

export const command = defineCommand({
  description: 'Shares this repository with a team.',
  args: { team: arg('slug of the team') },
  result: SyncShare,
  run: async (ports, { team }) => {
    requireSync(ports.env)
    return await share({ ports, sync: await ports.sync() }, team, true)
  },
  text: ({ team, state }) => `${team}: ${state}`,
})
