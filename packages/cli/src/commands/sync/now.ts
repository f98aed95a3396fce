import { SyncNow } from '@spec-kitty/contracts/cli/sync-now'
import { settleHere } from '@spec-kitty/core/landing/settle-arrived'
import { remedyOf } from '@spec-kitty/core/sync/batch'
import { isSynced, type SyncAccount, syncNow } from '@spec-kitty/core/sync/now'
import { dirname, resolvePath } from '@spec-kitty/core/text/paths'
import type { Ports } from '@spec-kitty/core/world/ports'
import { writeLocal } from '@spec-kitty/core/write/local'
import { defineCommand, text, toggle } from '../../command.ts'

export const command = defineCommand({
  description:
    'Sends everything that waits, and settles missions whose pull request was merged. "Synced" counts events that the server acknowledged; exit status 1 when something was refused or could not be sent.',
  examples: ['spec-kitty sync now', 'spec-kitty sync now --report failures.json'],
  flags: {
    report: text('write the failures to a file, if there are any', { value: 'FILE' }),
    strict: toggle(
      'exit with 1 on any refused event (the default); --no-strict: only when nothing was taken',
    ),
    retryDead: toggle('try events again that were given up'),
  },
  writes: 'elsewhere',
  result: SyncNow,
  run: async (ports, { report, strict, retryDead }, session) => {
    for (const sentence of await settleHere(ports)) ports.note(sentence)
    const sync = await ports.sync()
    let batch = 0
    const result = await syncNow(
      { ports, sync },
      {
        retryDead: retryDead ?? false,
        onBatch: note =>
          session.show(
            `Batch ${++batch}: accepted=${note.accepted} duplicates=${note.duplicates} failed=${note.failed} remaining=${note.remaining}`,
          ),
      },
    )
    if (report !== undefined && result.failures.length > 0) await writeReport(ports, report, result)
    const failed = strict === false ? result.trouble !== null || taken(result) === 0 : true
    const exit_code: 0 | 1 = isSynced(result) || !failed ? 0 : 1
    return { ...result, exit_code }
  },
  status: ({ exit_code }) => exit_code,
  text: describe,
})

function taken({ summary }: SyncAccount): number {
  return summary.synced + summary.duplicates + summary.pending
}

async function writeReport(ports: Ports, report: string, result: SyncAccount): Promise<void> {
  const { generated_at, summary, failures } = result
  const content = `${JSON.stringify({ generated_at, summary, failures }, null, 2)}\n`
  const path = resolvePath(ports.env.cwd, report)
  await writeLocal(ports, [{ kind: 'write_file', path, content }], dirname(path))
}

function describe(result: SyncAccount): string {
  const { summary, remaining, trouble } = result
  if (summary.total_events === 0 && remaining === 0 && trouble === null)
    return 'Queue is empty, nothing to sync.'
  const lines = [
    `Synced: ${summary.synced}, Duplicates: ${summary.duplicates}, Failed: ${summary.failed}`,
    ...Object.entries(summary.categories).map(([category, count]) => {
      const remedy = remedyOf(category)
      return `  ${category}: ${count}${remedy === '' ? '' : `  -- ${remedy}`}`
    }),
  ]
  if (summary.pending > 0) lines.push(`Pending at the server: ${summary.pending}`)
  if (result.documents > 0) lines.push(`Documents uploaded: ${result.documents}`)
  if (result.parked > 0) lines.push(`Set aside, of another login or server: ${result.parked}`)
  if (result.dead_letters > 0)
    lines.push(`Given up: ${result.dead_letters}  -- Run \`spec-kitty sync diagnose\``)
  if (trouble !== null) lines.push(`Stopped: ${trouble.message} [${trouble.code}]`)
  lines.push(`Remaining in queue: ${remaining}`)
  return lines.join('\n')
}
