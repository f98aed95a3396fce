import { MigrateFlatten } from '@spec-kitty/contracts/cli/migrate-flatten'
import { flatten } from '@spec-kitty/core/mission/flatten'
import { autoCommitFlag, defineCommand, missionFlag } from '../../command.ts'

export const command = defineCommand({
  description:
    'Makes a mission of the Python edition flat: unites the log and the files of its coordination branch with those of this checkout, in one commit, and removes the coordination worktree. Can be run again. Both editions can go on with the mission afterwards.',
  examples: ['spec-kitty migrate flatten --mission hello-01KQW4DF'],
  flags: { mission: missionFlag, autoCommit: autoCommitFlag },
  writes: true,
  result: MigrateFlatten,
  run: (ports, input) => flatten(ports, input),
  text: (result, style) => {
    const head = result.flattened
      ? `${style.green(`${result.mission_slug} is flat now.`)} ${result.events_added} events and ${result.files_taken.length} files came from ${result.coordination_branch}.`
      : `${result.mission_slug} is flat.`
    return [
      head,
      ...(result.worktree_removed ? ['The coordination worktree was removed.'] : []),
      ...result.warnings.map(line => style.yellow(line)),
    ].join('\n')
  },
})
