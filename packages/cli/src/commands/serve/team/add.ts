import { ServeTeamChange } from '@spec-kitty/contracts/cli/serve'
import { arg, defineCommand, text } from '../../../command.ts'
import { storeFlags, withStore } from '../../../serve-store.ts'

export const command = defineCommand({
  description:
    'Makes a shared team. Members join it with `spec-kitty serve team role TEAM NAME --role member`.',
  examples: ['spec-kitty serve team add platform --title "The platform" --data ~/spec-kitty-server'],
  args: { team: arg('id of the team: small letters, digits, dashes') },
  flags: { ...storeFlags, title: text('what people read (default: the id)') },
  result: ServeTeamChange,
  run: (ports, input) =>
    withStore(ports, input, async store => {
      const { addTeam } = await import('@spec-kitty/server/admin')
      await addTeam(store, input.team, input.title ?? input.team)
      return { team: input.team, result: 'added' as const }
    }),
  text: ({ team }) => `Added team ${team}.`,
})
