import { SyncOpt } from '@spec-kitty/contracts/cli/sync-routes'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { optOut } from '@spec-kitty/core/sync/policy'
import { defineCommand, toggle } from '../../command.ts'

export const command = defineCommand({
  description: 'Keeps events of this repository on this machine, and takes those that wait out of the queue.',
  flags: {
    checkoutOnly: toggle('only of this checkout'),
    deletePrivateData: toggle('also let the server delete what it has in your private team'),
    yes: toggle('confirm the deletion', { short: 'y' }),
  },
  result: SyncOpt,
  run: async (ports, { checkoutOnly, deletePrivateData, yes }) => {
    if (deletePrivateData === true && yes !== true)
      throw new KittyError('usage', 'Deleting data at the server cannot be undone: confirm it with --yes', {
        hint: sh`spec-kitty sync opt-out --delete-private-data --yes`,
      })
    return await optOut(
      { ports, sync: await ports.sync() },
      { checkoutOnly: checkoutOnly ?? false, deletePrivateData: deletePrivateData ?? false },
    )
  },
  text: ({ checkout, removed, private_data_deleted }) =>
    `Events of ${checkout} stay here. Taken out of the queue: ${removed}.${private_data_deleted === true ? ' The server deleted its data.' : ''}`,
})
