import { ServeUserChange } from '@spec-kitty/contracts/cli/serve'
import { arg, defineCommand } from '../../../command.ts'
import { storeFlags, withStore } from '../../../serve-store.ts'

export const command = defineCommand({
  description: 'Lets a disabled user log in again.',
  examples: ['spec-kitty serve user enable alice --data ~/spec-kitty-server'],
  args: { name: arg('login name') },
  flags: storeFlags,
  result: ServeUserChange,
  run: (ports, input) =>
    withStore(ports, input, async store => {
      const { findUser, setUserDisabled } = await import('@spec-kitty/server/admin')
      const user = await findUser(store, input.name)
      const ended = await setUserDisabled(store, user, false)
      return { user_id: user.id, name: user.name, result: 'enabled' as const, sessions_ended: ended }
    }),
  text: ({ name }) => `Enabled ${name}.`,
})
