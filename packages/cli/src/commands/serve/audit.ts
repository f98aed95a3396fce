import { ServeAudit } from '@spec-kitty/contracts/cli/serve'
import { count, defineCommand, text } from '../../command.ts'
import { storeFlags, withStore } from '../../serve-store.ts'

const MOST = 100

export const command = defineCommand({
  description:
    'Shows who did what at a server, newest first: logins and refused ones, logouts, shares, forgotten projects, and what its operator did (actor "console").',
  examples: ['spec-kitty serve audit --action login_refused --data ~/spec-kitty-server'],
  flags: {
    ...storeFlags,
    actor: text('only what this user did', { value: 'NAME' }),
    action: text('only this action', { value: 'ACTION' }),
    limit: count(`at most so many entries (default ${MOST})`),
  },
  result: ServeAudit,
  run: (ports, input) =>
    withStore(ports, input, async store => ({
      entries: await store.audit({ actor: input.actor, action: input.action, most: input.limit ?? MOST }),
    })),
  text: ({ entries }) =>
    entries
      .map(({ at, actor, action, subject, address }) =>
        [at.slice(0, 19), actor || '-', action, subject, address].filter(part => part !== '').join(' '),
      )
      .join('\n') || 'Nothing.',
})
