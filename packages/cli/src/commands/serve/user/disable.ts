import { ServeUserChange } from '@spec-kitty/contracts/cli/serve'
import { arg, defineCommand } from '../../../command.ts'
import { storeFlags, withStore } from '../../../serve-store.ts'

export const command = defineCommand({
  description:
    'Keeps a user out from now on: every session ends at once, on all servers. What was sent stays.',
  examples: ['spec-kitty serve user disable alice --data ~/spec-kitty-server'],
  args: { name: arg('login name') },
  flags: storeFlags,
  result: ServeUserChange,
  run: (ports, input) =>
    withStore(ports, input, async store => {
      const { findUser, setUserDisabled } = await import('@spec-kitty/server/admin')
      const user = await findUser(store, input.name)
      const ended = await setUserDisabled(store, user, true)
      return { user_id: user.id, name: user.name, result: 'disabled' as const, sessions_ended: ended }
    }),
  text: ({ name, sessions_ended }) => `Disabled ${name}; ${sessions_ended} session(s) ended.`,
})
