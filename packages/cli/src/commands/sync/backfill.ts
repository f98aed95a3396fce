import { SyncBackfill } from '@spec-kitty/contracts/cli/sync-now'
import { syncBackfill } from '@spec-kitty/core/sync/backfill'
import { isSynced, syncNow } from '@spec-kitty/core/sync/now'
import { defineCommand, missionFlag } from '../../command.ts'

export const command = defineCommand({
  description:
    'Tells the server everything that the logs of this repository say. It takes what it lacks and knows the rest by its id: safe to run at any time.',
  examples: ['spec-kitty sync backfill', 'spec-kitty sync backfill --mission 004'],
  flags: { mission: missionFlag },
  result: SyncBackfill,
  run: async (ports, { mission }) => {
    const door = { ports, sync: await ports.sync() }
    const queued = await syncBackfill(door, mission)
    const sent = await syncNow(door, { retryDead: false })
    const exit_code: 0 | 1 = isSynced(sent) ? 0 : 1
    return { ...queued, sent: { ...sent, exit_code }, exit_code }
  },
  status: ({ exit_code }) => exit_code,
  text: ({ missions, events, queued, sent: { summary, remaining, trouble } }) =>
    [
      `Logs of ${missions} mission(s): ${events} events, ${queued} rows queued.`,
      `Synced: ${summary.synced}, already there: ${summary.duplicates}, failed: ${summary.failed}`,
      ...(trouble === null ? [] : [`Stopped: ${trouble.message} [${trouble.code}]`]),
      `Remaining in queue: ${remaining}`,
    ].join('\n'),
})
