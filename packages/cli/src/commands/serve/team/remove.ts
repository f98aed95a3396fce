import { ServeTeamChange } from '@spec-kitty/contracts/cli/serve'
import { arg, defineCommand } from '../../../command.ts'
import { storeFlags, withStore } from '../../../serve-store.ts'

export const command = defineCommand({
  description: 'Takes a shared team away for good, with everything that was sent to it.',
  examples: ['spec-kitty serve team remove platform --data ~/spec-kitty-server'],
  args: { team: arg('id of the team') },
  flags: storeFlags,
  result: ServeTeamChange,
  run: (ports, input) =>
    withStore(ports, input, async store => {
      const { removeTeam } = await import('@spec-kitty/server/admin')
      await removeTeam(store, input.team)
      return { team: input.team, result: 'removed' as const }
    }),
  text: ({ team }) => `Removed team ${team}.`,
})
