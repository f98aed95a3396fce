import { ServeSessionList } from '@spec-kitty/contracts/cli/serve'
import { formatMicros } from '@spec-kitty/contracts/time'
import { defineCommand, text } from '../../../command.ts'
import { storeFlags, withStore } from '../../../serve-store.ts'

export const command = defineCommand({
  description: 'Shows the open logins of a server.',
  examples: ['spec-kitty serve session list --user alice --data ~/spec-kitty-server'],
  flags: { ...storeFlags, user: text('only of this user', { value: 'NAME' }) },
  result: ServeSessionList,
  run: (ports, input) =>
    withStore(ports, input, async store => {
      const { findUser } = await import('@spec-kitty/server/admin')
      const { systemClock } = await import('@spec-kitty/server/process')
      const user = input.user === undefined ? null : (await findUser(store, input.user)).id
      const sessions = await store.sessions(user, systemClock.now())
      const at = (ms: number): string => formatMicros(ms * 1000)
      return {
        sessions: sessions.map(({ id, name, createdAt, lastUsedAt, expiresAt, address }) => ({
          session_id: id,
          user: name,
          created_at: at(createdAt),
          last_used_at: at(lastUsedAt),
          expires_at: at(expiresAt),
          address,
        })),
      }
    }),
  text: ({ sessions }) =>
    sessions
      .map(
        ({ session_id, user, created_at, last_used_at, address }) =>
          `${session_id} ${user} since ${created_at.slice(0, 16)}, used ${last_used_at.slice(0, 16)}` +
          (address === '' ? '' : `, from ${address}`),
      )
      .join('\n') || 'No sessions.',
})
