import { AuthStatus } from '@spec-kitty/contracts/cli/auth-status'
import { authStatus } from '@spec-kitty/core/auth/report'
import { defineCommand } from '../../command.ts'

export const command = defineCommand({
  description: 'Shows who is logged in, where, and for how long.',
  result: AuthStatus,
  run: async ports => authStatus({ ports, sync: await ports.sync() }),
  text: status => {
    if (!status.authenticated) return 'X Not authenticated\nRun `spec-kitty auth login` to log in.'
    const left = (seconds: number | null) =>
      seconds === null ? 'unknown' : seconds <= 0 ? 'expired' : `${Math.ceil(seconds / 60)} min left`
    return [
      `User:          ${status.user?.email ?? ''}`,
      `User ID:       ${status.user?.id ?? ''}`,
      `Server:        ${status.issuer ?? status.server ?? 'none'}`,
      `Teams:         ${status.teams.map(team => `${team.name}${team.private ? ' [private]' : ''}`).join(', ')}`,
      `Access token:  ${left(status.access_token_remaining_s)}`,
      `Refresh token: ${left(status.refresh_token_remaining_s)}`,
      `Session ID:    ${status.session_id ?? ''}`,
      `Auth method:   ${status.auth_method ?? 'unknown'}`,
    ].join('\n')
  },
})
