import { ServeSessionRevoke } from '@spec-kitty/contracts/cli/serve'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { defineCommand, optionalArg, text } from '../../../command.ts'
import { storeFlags, withStore } from '../../../serve-store.ts'

export const command = defineCommand({
  description: 'Ends one login, or all of a user: at once, on all servers, open channels included.',
  examples: [
    'spec-kitty serve session revoke --user alice --data ~/spec-kitty-server',
    'spec-kitty serve session revoke sess-0123 --data ~/spec-kitty-server',
  ],
  args: { session: optionalArg('id of the session') },
  flags: { ...storeFlags, user: text('all sessions of this user', { value: 'NAME' }) },
  result: ServeSessionRevoke,
  run: async (ports, input) => {
    const { session, user } = input
    if ((session === undefined) === (user === undefined))
      throw new KittyError('usage', 'Give either a session or --user.', {
        hint: sh`spec-kitty serve session list shows both`,
      })
    return await withStore(ports, input, async store => {
      const { findUser, revokeSession, revokeSessions } = await import('@spec-kitty/server/admin')
      const sessions_ended =
        session === undefined
          ? await revokeSessions(store, await findUser(store, user ?? ''))
          : await revokeSession(store, session)
      return { sessions_ended }
    })
  },
  text: ({ sessions_ended }) => `${sessions_ended} session(s) ended.`,
})
