import { AuthLogin } from '@spec-kitty/contracts/cli/auth-login'
import { login } from '@spec-kitty/core/auth/login'
import { defineCommand, toggle } from '../../command.ts'

export const command = defineCommand({
  description: 'Logs in to the sync server: in the browser, or with a code that is typed on another device.',
  examples: ['spec-kitty auth login', 'spec-kitty auth login --headless'],
  flags: {
    headless: toggle('show a code instead of opening a browser'),
    force: toggle('log in anew although somebody is logged in'),
  },
  result: AuthLogin,
  run: async (ports, { headless, force }, session) => {
    // With --json stdout belongs to the result; the person still has to see the code.
    const show = session.json ? ports.note : session.show
    const sync = await ports.sync()
    try {
      return await login({ ports, sync, show }, { headless: headless ?? false, force: force ?? false })
    } finally {
      sync.net.close()
    }
  },
  text: result => {
    if (result.already)
      return `+ Already logged in as ${result.email}\nRun \`spec-kitty auth login --force\` to log in anew.`
    const team =
      result.team === null
        ? ''
        : `\n  Default team: ${result.team.name}${result.team.private ? ' [Private Teamspace]' : ''}`
    return `+ Authenticated as ${result.email}${team}`
  },
})
