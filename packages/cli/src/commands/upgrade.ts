import { Upgrade } from '@spec-kitty/contracts/cli/upgrade'
import { upgrade } from '@spec-kitty/core/project/upgrade'
import { defineCommand, toggle } from '../command.ts'
import { PROGRAM } from '../program.ts'

export const command = defineCommand({
  description:
    'Brings what this program wrote into the project up to date: command files, our lines for git, the merge driver, ids of old missions. Files you edited are kept. Asks no server; commits only with --commit.',
  examples: ['spec-kitty upgrade --dry-run', 'spec-kitty upgrade --commit'],
  flags: {
    dryRun: toggle('list what would be done'),
    commit: toggle('commit what was written'),
    project: toggle('accepted for scripts of the Python edition', { hidden: true }),
    yes: toggle('accepted for scripts of the Python edition: nothing is asked', { hidden: true, short: 'y' }),
    force: toggle('accepted for scripts of the Python edition', { hidden: true }),
    nag: toggle('accepted for scripts of the Python edition', { hidden: true }),
    worktrees: toggle('accepted for scripts of the Python edition', { hidden: true }),
  },
  writes: true,
  result: Upgrade,
  run: (ports, input) => upgrade(ports, PROGRAM, input),
  indent: true,
  text: (result, style) => {
    if (result.status === 'up_to_date')
      return [style.green('Everything is up to date.'), ...result.warnings.map(style.yellow)].join('\n')
    const done = result.migrations.filter(item => item.status !== 'skipped')
    return [
      style.bold(result.dry_run ? 'Would be brought up to date:' : 'Brought up to date:'),
      ...done.flatMap(item => [`  ${item.description}`, ...item.files.map(path => style.dim(`    ${path}`))]),
      ...result.kept.map(path => style.yellow(`  Kept, because somebody edited it: ${path}`)),
      ...result.warnings.map(line => style.yellow(`  ${line}`)),
      ...(result.auto_committed || result.dry_run ? [] : ['Nothing was committed; --commit does that.']),
    ].join('\n')
  },
})
