import { SyncRoutes } from '@spec-kitty/contracts/cli/sync-routes'
import { requireSync } from '@spec-kitty/core/link/switch'
import { syncRoutes } from '@spec-kitty/core/sync/policy'
import { defineCommand } from '../../command.ts'

export const command = defineCommand({
  description: 'Shows where events of this checkout go, and with which teams the repository is shared.',
  result: SyncRoutes,
  run: async ports => {
    requireSync(ports.env)
    return await syncRoutes({ ports, sync: await ports.sync() })
  },
  text: routes =>
    [
      `Checkout: ${routes.checkout}`,
      `Project:  ${routes.project_slug} (${routes.project_uuid})`,
      `Sends:    ${routes.enabled ? 'yes' : 'no (spec-kitty sync opt-in)'}`,
      `Server:   ${routes.server ?? 'none'}`,
      `User:     ${routes.user ?? 'not logged in'}`,
      `Team:     ${routes.team ?? '-'}`,
      ...routes.shares.map(share => `Shared:   ${share.team} (${share.state})`),
    ].join('\n'),
})
