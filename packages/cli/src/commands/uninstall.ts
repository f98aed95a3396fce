import { Uninstall } from '@spec-kitty/contracts/cli/uninstall'
import { uninstall } from '@spec-kitty/core/project/uninstall'
import { autoCommitFlag, defineCommand, toggle } from '../command.ts'
import { PROGRAM } from '../program.ts'

export const command = defineCommand({
  description:
    'Takes out of the project what `init` put in: its files, its part of yours, and the merge driver. A file that somebody changed is kept and listed; missions stay.',
  examples: ['spec-kitty uninstall --dry-run', 'spec-kitty uninstall'],
  flags: { dryRun: toggle('list what would go, change nothing'), autoCommit: autoCommitFlag },
  writes: true,
  result: Uninstall,
  run: (ports, input) => uninstall(ports, PROGRAM, input),
  text: (result, style) => {
    const would = result.dry_run ? 'would be ' : ''
    const rows = (verb: string, paths: readonly string[]) =>
      result.dry_run ? paths.map(path => `  ${verb} ${path}`) : []
    return [
      style.bold(
        `${result.deleted.length} files ${would}removed, ${result.cleaned.length} of yours ${would}cleaned${result.committed && !result.dry_run ? ', committed as "Remove Spec Kitty"' : ''}.`,
      ),
      ...rows('delete', result.deleted),
      ...rows('clean', result.cleaned),
      ...result.kept.map(path => style.yellow(`  Kept, because somebody changed it: ${path}`)),
      ...result.notes.map(note => `  ${note}`),
    ].join('\n')
  },
})
