import { AuthLogout } from '@spec-kitty/contracts/cli/auth-login'
import { logout } from '@spec-kitty/core/auth/login'
import { defineCommand, toggle } from '../../command.ts'

export const command = defineCommand({
  description: 'Revokes the login at the server and forgets it here. Events that wait stay queued.',
  flags: {
    force: toggle('accepted for scripts of the Python edition; nothing is asked anyway', { hidden: true }),
  },
  result: AuthLogout,
  run: async ports => {
    const sync = await ports.sync()
    try {
      return await logout({ ports, sync })
    } finally {
      sync.net.close()
    }
  },
  text: ({ logged_out, revoked, detail }) => {
    if (!logged_out) return 'Nobody was logged in.'
    const first = revoked
      ? '✓ Server revocation confirmed.'
      : `The server did not confirm the revocation: ${detail ?? ''}`
    return `${first}\n+ Logged out.`
  },
})
