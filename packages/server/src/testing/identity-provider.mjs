/**
 * A real identity provider on loopback, for tests: `node identity-provider.mjs REDIRECT_URI`. Prints its address. Its own
 * forms of development ask for a subject and any password. Ends with its standard input.
 */
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'

const [redirectUri] = process.argv.slice(2)
const people = {
  'sub-1': { preferred_username: 'dora', email: 'dora@corp.example' },
  'sub-2': { preferred_username: 'alice' },
}

const server = createServer()
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'spec-kitty',
        client_secret: 'secret of the client',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
  })
  server.on('request', provider.callback())
  process.stdout.write(`${issuer}\n`)
})
process.stdin.on('end', () => process.exit(0)).resume()
