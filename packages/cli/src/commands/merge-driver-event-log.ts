import { MergeDriverEventLog } from '@spec-kitty/contracts/cli/merge-driver-event-log'
import { mergeEventLogs } from '@spec-kitty/core/status/merge-driver'
import { arg, defineCommand } from '../command.ts'

export const command = defineCommand({
  description: 'Called by git to merge event logs: the union of all rows by event id, written to OURS.',
  examples: ['spec-kitty merge-driver-event-log %O %A %B'],
  args: { base: arg('common ancestor'), ours: arg('our side; takes the result'), theirs: arg('their side') },
  writes: 'elsewhere',
  result: MergeDriverEventLog,
  run: (ports, input) => mergeEventLogs(ports, input),
  text: () => '',
})
