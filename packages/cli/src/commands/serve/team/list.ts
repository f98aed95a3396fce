import { ServeTeamList } from '@spec-kitty/contracts/cli/serve'
import { defineCommand } from '../../../command.ts'
import { storeFlags, withStore } from '../../../serve-store.ts'

export const command = defineCommand({
  description: 'Shows the teams of a server with their members and what it keeps of each.',
  examples: ['spec-kitty serve team list --data ~/spec-kitty-server'],
  flags: storeFlags,
  result: ServeTeamList,
  run: (ports, input) => withStore(ports, input, async store => ({ teams: await store.teams() })),
  text: ({ teams }) =>
    teams
      .map(
        ({ team, title, members, events, bytes }) =>
          `${team} (${title}): ${members.map(({ name, role }) => `${name} (${role})`).join(', ') || 'nobody'}` +
          `\n  ${events} events, ${Math.ceil(bytes / 1024)} KiB`,
      )
      .join('\n') || 'No teams.',
})
