import { ServeUserChange } from '@spec-kitty/contracts/cli/serve'
import { arg, defineCommand, text } from '../../../command.ts'
import { storeFlags, withStore } from '../../../serve-store.ts'

export const command = defineCommand({
  description:
    "Ties a user who is there already to a sign-in at the company's identity provider. A sign-in whose name is taken shows its subject.",
  examples: [
    'spec-kitty serve user link alice --subject "https://idp.example.com 1234" --data ~/spec-kitty-server',
  ],
  args: { name: arg('login name') },
  flags: {
    ...storeFlags,
    subject: text('issuer and subject at the provider', { value: 'SUBJECT', required: true }),
  },
  result: ServeUserChange,
  run: (ports, input) =>
    withStore(ports, input, async store => {
      const { findUser, linkUser } = await import('@spec-kitty/server/admin')
      const user = await findUser(store, input.name)
      await linkUser(store, user, input.subject)
      return { user_id: user.id, name: user.name, result: 'linked' as const, sessions_ended: 0 }
    }),
  text: ({ name }) => `${name} may sign in with the identity provider.`,
})
