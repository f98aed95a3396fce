import { ServeUserChange } from '@spec-kitty/contracts/cli/serve'
import { arg, defineCommand } from '../../../command.ts'
import { storeFlags, withStore } from '../../../serve-store.ts'

export const command = defineCommand({
  description:
    'Takes a user away for good, with every session and the private team and all that is in it. What it sent to shared teams stays.',
  examples: ['spec-kitty serve user remove alice --data ~/spec-kitty-server'],
  args: { name: arg('login name') },
  flags: storeFlags,
  result: ServeUserChange,
  run: (ports, input) =>
    withStore(ports, input, async store => {
      const { findUser, removeUser } = await import('@spec-kitty/server/admin')
      const user = await findUser(store, input.name)
      const ended = await removeUser(store, user)
      return { user_id: user.id, name: user.name, result: 'removed' as const, sessions_ended: ended }
    }),
  text: ({ name, sessions_ended }) => `Removed ${name}; ${sessions_ended} session(s) ended.`,
})
