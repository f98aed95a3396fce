import { ServeFile } from '@spec-kitty/contracts/cli/serve'
import { resolvePath } from '@spec-kitty/core/text/paths'
import { defineCommand, optionalArg } from '../../command.ts'
import { placeOf, storeFlags } from '../../serve-store.ts'

export const command = defineCommand({
  description:
    'Reads all of the embedded database, or of a backup, and holds every index against its table. Exit status 1 when something is wrong.',
  examples: [
    'spec-kitty serve check --data ~/spec-kitty-server',
    'spec-kitty serve check /backups/sync-monday.db',
  ],
  args: { file: optionalArg('a backup (default: the database of --data)') },
  flags: storeFlags,
  result: ServeFile,
  run: async (ports, input) => {
    const { embeddedDatabase, examine } = await import('@spec-kitty/server/backup')
    const from =
      input.file === undefined
        ? embeddedDatabase(placeOf(ports, input))
        : resolvePath(ports.env.cwd, input.file)
    return { result: 'sound' as const, from, ...(await examine(from)) }
  },
  text: ({ from, schema, bytes, users, events }) =>
    `${from} is sound: schema ${schema}, ${users} users, ${events} events, ${Math.ceil(bytes / 1024)} KiB.`,
})
