import { ServeUserList } from '@spec-kitty/contracts/cli/serve'
import { defineCommand } from '../../../command.ts'
import { storeFlags, withStore } from '../../../serve-store.ts'

export const command = defineCommand({
  description: 'Shows who may log in, with teams, open sessions and what the server keeps of each.',
  examples: ['spec-kitty serve user list --data ~/spec-kitty-server'],
  flags: storeFlags,
  result: ServeUserList,
  run: (ports, input) =>
    withStore(ports, input, async store => {
      const users = await store.users()
      return {
        users: users.map(({ id, name, email, disabledAt, teams, sessions, events, bytes }) => ({
          user_id: id,
          name,
          email,
          disabled_at: disabledAt,
          teams: teams.map(({ team, role, private: own }) => ({ team, role, private: own })),
          sessions,
          events,
          bytes,
        })),
      }
    }),
  text: ({ users }) =>
    users
      .map(({ name, email, disabled_at, teams, sessions, events, bytes }) =>
        [
          `${name} <${email}>${disabled_at === null ? '' : ` disabled since ${disabled_at}`}`,
          `  teams: ${teams.map(({ team, role }) => `${team} (${role})`).join(', ')}`,
          `  ${sessions} session(s), ${events} events, ${Math.ceil(bytes / 1024)} KiB`,
        ].join('\n'),
      )
      .join('\n') || 'No users. Make one: spec-kitty serve user add NAME --data DIR',
})
