import { ServeFile } from '@spec-kitty/contracts/cli/serve'
import { resolvePath } from '@spec-kitty/core/text/paths'
import { arg, defineCommand } from '../../command.ts'
import { placeOf, storeFlags } from '../../serve-store.ts'

export const command = defineCommand({
  description:
    'Puts a backup in the place of the embedded database. The server must be stopped; the database that was there is kept beside it under another name.',
  examples: ['spec-kitty serve restore /backups/sync-monday.db --data ~/spec-kitty-server'],
  args: { file: arg('the backup') },
  flags: storeFlags,
  result: ServeFile,
  run: async (ports, input) => {
    const { restore } = await import('@spec-kitty/server/backup')
    const from = resolvePath(ports.env.cwd, input.file)
    const { kept, ...restored } = await restore(from, placeOf(ports, input))
    return { result: 'restored' as const, from, ...restored, ...(kept === undefined ? {} : { kept }) }
  },
  text: ({ from, to, kept, users, events }) =>
    `Restored ${to} from ${from}: ${users} users, ${events} events.` +
    (kept === undefined ? '' : `\nWhat was there is now ${kept}.`),
})
