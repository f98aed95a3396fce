import { ServeUserChange } from '@spec-kitty/contracts/cli/serve'
import { arg, defineCommand, toggle } from '../../../command.ts'
import { storeFlags, withStore } from '../../../serve-store.ts'

export const command = defineCommand({
  description:
    'Gives a user a new password and ends every session. Without --password-stdin a password is made and shown once.',
  examples: ['spec-kitty serve user passwd alice --data ~/spec-kitty-server'],
  args: { name: arg('login name') },
  flags: {
    ...storeFlags,
    passwordStdin: toggle('read the password from the first line of standard input'),
  },
  result: ServeUserChange,
  run: (ports, input) =>
    withStore(ports, input, async store => {
      const { findUser, setUserPassword } = await import('@spec-kitty/server/admin')
      const { readLineFromStdin } = await import('@spec-kitty/server/process')
      const user = await findUser(store, input.name)
      const given = input.passwordStdin === true ? readLineFromStdin() : undefined
      const { ended, made } = await setUserPassword(store, user, given)
      return {
        user_id: user.id,
        name: user.name,
        result: 'password_set' as const,
        sessions_ended: ended,
        ...(made === undefined ? {} : { password: made }),
      }
    }),
  text: ({ name, sessions_ended, password }, style) =>
    `New password for ${name}; ${sessions_ended} session(s) ended.` +
    (password === undefined ? '' : `\nPassword, shown only now: ${style.bold(password)}`),
})
