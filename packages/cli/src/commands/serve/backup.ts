import { ServeFile } from '@spec-kitty/contracts/cli/serve'
import { resolvePath } from '@spec-kitty/core/text/paths'
import { arg, defineCommand } from '../../command.ts'
import { placeOf, storeFlags } from '../../serve-store.ts'

export const command = defineCommand({
  description:
    'Writes a whole copy of the embedded database to a new file, and holds it against itself. The server may run. For PostgreSQL: pg_dump.',
  examples: ['spec-kitty serve backup /backups/sync-monday.db --data ~/spec-kitty-server'],
  args: { file: arg('new file for the copy') },
  flags: storeFlags,
  result: ServeFile,
  run: async (ports, input) => {
    const { backUp, embeddedDatabase } = await import('@spec-kitty/server/backup')
    const from = embeddedDatabase(placeOf(ports, input))
    const to = resolvePath(ports.env.cwd, input.file)
    return { result: 'backed_up' as const, from, to, ...(await backUp(from, to)) }
  },
  text: ({ to, bytes, users, events }) =>
    `Backed up to ${to}: ${users} users, ${events} events, ${Math.ceil(bytes / 1024)} KiB.`,
})
