import { MissionFollowUp } from '@spec-kitty/contracts/cli/mission-summary'
import { recordFollowUp } from '@spec-kitty/core/mission/reopen'
import { arg, autoCommitFlag, count, defineCommand, text } from '../../command.ts'

export const command = defineCommand({
  description: 'Notes a commit or pull request that followed a finished mission.',
  examples: ['spec-kitty mission follow-up user-auth --pr 12'],
  args: { handle: arg('mission: directory name, slug, number, mid8 or id') },
  flags: {
    commit: text('full commit id', { value: 'SHA' }),
    pr: count('number of the pull request'),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: MissionFollowUp,
  run: (ports, input) => recordFollowUp(ports, input),
  text: result => {
    const what =
      result.follow_up_type === 'pr' ? `pull request ${result.pr_number}` : `commit ${result.commit_sha}`
    return `${result.recorded ? 'Recorded' : 'Already recorded:'} ${what} as a follow-up of ${result.mission_slug}.`
  },
})
