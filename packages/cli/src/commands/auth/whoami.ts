import { AuthWhoami } from '@spec-kitty/contracts/cli/auth-status'
import { whoami } from '@spec-kitty/core/auth/report'
import { defineCommand } from '../../command.ts'

export const command = defineCommand({
  description: 'Prints the e-mail address of the login.',
  result: AuthWhoami,
  run: async ports => whoami({ ports, sync: await ports.sync() }),
  text: ({ email }) => email,
})
