import { SyncWatch } from '@spec-kitty/contracts/cli/sync-now'
import { syncWatch } from '@spec-kitty/core/sync/watch'
import { count, defineCommand } from '../../command.ts'

export const command = defineCommand({
  description:
    'Stays in the foreground, sends what is queued as it comes, and keeps the realtime channel open. End it with Ctrl-C.',
  flags: {
    every: count('seconds between two looks at the queue (default 5)', { value: 'SECONDS' }),
    seconds: count('end by itself after so many seconds', { value: 'SECONDS' }),
  },
  result: SyncWatch,
  run: async (ports, { every, seconds }, session) =>
    syncWatch(
      { ports, sync: await ports.sync(), show: session.show },
      { seconds: seconds ?? Number.POSITIVE_INFINITY, everyMs: Math.max(1, every ?? 5) * 1000 },
    ),
  text: ({ synced, duplicates, failed, remaining }) =>
    `Synced: ${synced}, Duplicates: ${duplicates}, Failed: ${failed}, Remaining: ${remaining}`,
})
