import { MissionClose } from '@spec-kitty/contracts/cli/mission-summary'
import { closeMission } from '@spec-kitty/core/mission/close'
import { autoCommitFlag, defineCommand, missionFlag, toggle } from '../../command.ts'

export const command = defineCommand({
  description:
    'Closes a finished mission, so that it is no longer a candidate when --mission is left out. With --discard gives up an unfinished one: clean worktrees and its branches are removed, every commit stays reachable under refs/kitty/backup/.',
  examples: [
    'spec-kitty mission close --mission user-auth',
    'spec-kitty mission close --mission spike --discard --force',
  ],
  flags: {
    mission: missionFlag,
    discard: toggle('give up an unfinished mission'),
    force: toggle('with --discard: yes, remove its worktrees and branches'),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: MissionClose,
  run: (ports, input) => closeMission(ports, input),
  text: (result, style) =>
    [
      `Closed ${style.bold(result.mission_slug)}.`,
      ...result.removed_worktrees.map(path => `Removed worktree ${path}.`),
      ...Object.entries(result.removed_branches).map(
        ([name, backup]) => `Removed branch ${name}; kept as ${backup}.`,
      ),
      ...result.kept_worktrees.map(path => `${style.yellow('Kept')} ${path}: it has uncommitted work.`),
    ].join('\n'),
})
