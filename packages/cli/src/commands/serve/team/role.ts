import { ServeTeamChange } from '@spec-kitty/contracts/cli/serve'
import { arg, choice, defineCommand } from '../../../command.ts'
import { storeFlags, withStore } from '../../../serve-store.ts'

export const command = defineCommand({
  description: 'Lets a user into a team, changes the role, or takes the user out (--role none).',
  examples: ['spec-kitty serve team role platform alice --role owner --data ~/spec-kitty-server'],
  args: { team: arg('id of the team'), name: arg('login name') },
  flags: { ...storeFlags, role: choice(['owner', 'member', 'none'], 'role in the team', { required: true }) },
  result: ServeTeamChange,
  run: (ports, input) =>
    withStore(ports, input, async store => {
      const { findUser, setRole } = await import('@spec-kitty/server/admin')
      const { team, role } = input
      const user = await findUser(store, input.name)
      await setRole(store, team, user, role === 'none' ? null : role)
      return role === 'none'
        ? { team, result: 'left' as const, user: user.name }
        : { team, result: 'role_set' as const, user: user.name, role }
    }),
  text: ({ team, user, role }) =>
    role === undefined ? `${user} is out of ${team}.` : `${user} is ${role} of ${team}.`,
})
