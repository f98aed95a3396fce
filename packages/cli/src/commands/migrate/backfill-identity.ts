import { MigrateBackfillIdentity } from '@spec-kitty/contracts/cli/migrate-backfill-identity'
import { backfillIdentity } from '@spec-kitty/core/project/migrate'
import { defineCommand, missionFlag, toggle } from '../../command.ts'

export const command = defineCommand({
  description:
    'Writes a mission_id into the meta.json of missions that have none. Branches and directories keep their names. Commits only with --commit.',
  examples: [
    'spec-kitty migrate backfill-identity --dry-run',
    'spec-kitty migrate backfill-identity --commit',
  ],
  flags: {
    mission: missionFlag,
    dryRun: toggle('list what would be written'),
    commit: toggle('commit what was written'),
  },
  writes: true,
  result: MigrateBackfillIdentity,
  run: (ports, input) => backfillIdentity(ports, input),
  status: result => (result.summary.error > 0 ? 1 : 0),
  indent: true,
  text: (result, style) => {
    const { wrote, skip, error } = result.summary
    const verb = result.dry_run ? 'would get' : 'got'
    return [
      style.bold(`${wrote} missions ${verb} an id, ${skip} had one, ${error} cannot be read.`),
      ...result.results.flatMap(row => {
        if (row.action === 'skip') return []
        return row.action === 'error'
          ? [style.red(`  ${row.path}: ${row.reason}`)]
          : [`  ${row.slug}  ${style.dim(row.mission_id ?? '')}`]
      }),
    ].join('\n')
  },
})
