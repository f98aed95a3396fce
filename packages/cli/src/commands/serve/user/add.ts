/** `spec-kitty serve user add`: makes a user in the server's local user store. */
import { ServeUserAdd } from '@spec-kitty/contracts/cli/serve'
import type { Ports } from '@spec-kitty/core/world/ports'
import { arg, defineCommand, many, text, toggle } from '../../../command.ts'
import { type StoreInput, storeFlags, withStore } from '../../../serve-store.ts'

export const command = defineCommand({
  description:
    'A running server sees the new user at once. Without --password-stdin a password is made and shown once.',
  examples: [
    'spec-kitty serve user add alice --data ~/spec-kitty-server',
    'spec-kitty serve user add bob --team platform --password-stdin --data ~/spec-kitty-server < password.txt',
  ],
  args: { name: arg('login name') },
  flags: {
    ...storeFlags,
    email: text('e-mail address (default: the name, or NAME@localhost)', { value: 'ADDRESS' }),
    team: many('shared team to join, made when missing', { value: 'TEAM' }),
    passwordStdin: toggle('read the password from the first line of standard input'),
  },
  result: ServeUserAdd,
  run: (ports, input) => add(ports, input),
  text: (result, style) =>
    `Added ${result.name} (team ${[result.private_team, ...result.teams].join(', ')}).` +
    (result.password === undefined ? '' : `\nPassword, shown only now: ${style.bold(result.password)}`),
})

interface Input extends StoreInput {
  readonly name: string
  readonly email: string | undefined
  readonly team: readonly string[] | undefined
  readonly passwordStdin: boolean | undefined
}

async function add(ports: Ports, input: Input): Promise<ServeUserAdd> {
  const { noteConsole } = await import('@spec-kitty/server/admin')
  const { addUser } = await import('@spec-kitty/server/users')
  const { readLineFromStdin, systemRandom } = await import('@spec-kitty/server/process')
  const teams = [...new Set(input.team ?? [])]
  const password = input.passwordStdin === true ? readLineFromStdin() : undefined
  return await withStore(ports, input, async store => {
    const { name, email } = input
    const made = await addUser(store, systemRandom, { name, email, password, teams })
    await noteConsole(store, 'user_add', name)
    return {
      user_id: made.user.id,
      name: made.user.name,
      email: made.user.email,
      private_team: made.privateTeam,
      teams,
      ...(made.generatedPassword === undefined ? {} : { password: made.generatedPassword }),
    }
  })
}
