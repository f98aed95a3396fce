/** `spec-kitty serve`: the sync server in the foreground, until a signal ends it. */
import { Serve } from '@spec-kitty/contracts/cli/serve'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import type { Ports } from '@spec-kitty/core/world/ports'
import { count, defineCommand, type Session, text, toggle } from '../command.ts'
import { placeOf, type StoreInput, storeFlags } from '../serve-store.ts'

const DEFAULT_PORT = 8787
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1'])

export const command = defineCommand({
  description:
    'A self-hosted sync server with an embedded database. Make a user first: `spec-kitty serve user add NAME --data DIR`.',
  examples: ['spec-kitty serve --data ~/spec-kitty-server --port 8787'],
  flags: {
    ...storeFlags,
    port: count(`port; 0 takes any free one (default ${DEFAULT_PORT})`, { value: 'PORT' }),
    host: text('address to listen on (default 127.0.0.1)', { value: 'HOST' }),
    publicUrl: text('address that clients use, when a proxy with TLS stands in front', { value: 'URL' }),
    trustProxy: toggle('believe X-Forwarded-For and X-Request-Id: a proxy of ours stands in front'),
    oidcIssuer: text("address of the company's identity provider (OpenID Connect)", { value: 'URL' }),
    oidcClient: text('client id of this server there; its secret is in SPEC_KITTY_OIDC_SECRET', {
      value: 'ID',
    }),
    quiet: toggle('no line per request on standard error'),
  },
  result: Serve,
  run: (ports, input, session) => serve(ports, input, session),
  text: result =>
    `Listening on ${result.listening} (data in ${result.data}).\n` +
    sh`Clients: export SPEC_KITTY_ENABLE_SAAS_SYNC=1 SPEC_KITTY_SAAS_URL=${result.url}\n` +
    'Stop with Ctrl-C.',
})

interface Input extends StoreInput {
  readonly port: number | undefined
  readonly host: string | undefined
  readonly publicUrl: string | undefined
  readonly trustProxy: boolean | undefined
  readonly oidcIssuer: string | undefined
  readonly oidcClient: string | undefined
  readonly quiet: boolean | undefined
}

/** Resolves when the server listens; the program stays until SIGINT or SIGTERM. */
async function serve(ports: Ports, input: Input, session: Session): Promise<Serve> {
  const { startServer } = await import('@spec-kitty/server/serve')
  const { sweepOften } = await import('@spec-kitty/host/v8')
  const { onStopSignal } = await import('@spec-kitty/server/process')
  sweepOften()
  const place = placeOf(ports, input)
  const host = input.host ?? '127.0.0.1'
  const publicUrl = originOf(input.publicUrl)
  if (!LOOPBACK.has(host) && publicUrl === undefined)
    throw new KittyError('usage', `--host ${host} needs --public-url.`, {
      hint: sh`Clients use plain http on this machine only: put a proxy with TLS in front, and give --public-url https://…`,
    })
  const server = await startServer({
    ...place,
    host,
    port: portOf(input.port),
    publicUrl,
    trustProxy: input.trustProxy === true,
    company: companyOf(ports, input),
    log:
      input.quiet === true
        ? () => {}
        : line => ports.note(JSON.stringify({ at: ports.clock.now(), ...line })),
  })
  session.stayUntil(new Promise(resolve => onStopSignal(() => resolve(server.close()))))
  return { url: publicUrl ?? server.url, listening: server.url, data: server.place, pid: ports.env.pid }
}

/** The secret is no flag: flags are seen by everybody on the machine. */
function companyOf(
  ports: Ports,
  { oidcIssuer: issuer, oidcClient: clientId }: Input,
): { readonly issuer: string; readonly clientId: string; readonly clientSecret?: string } | undefined {
  if (issuer === undefined && clientId === undefined) return undefined
  if (issuer === undefined || clientId === undefined)
    throw new KittyError('usage', 'An identity provider needs --oidc-issuer and --oidc-client, both.', {
      hint: sh`--oidc-issuer https://idp.example.com --oidc-client spec-kitty`,
    })
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname))
  if (!safe)
    throw new KittyError('usage', `--oidc-issuer ${issuer} is no https address.`, {
      hint: sh`--oidc-issuer https://idp.example.com`,
    })
  const clientSecret = ports.env.get('SPEC_KITTY_OIDC_SECRET') || undefined
  return { issuer, clientId, ...(clientSecret === undefined ? {} : { clientSecret }) }
}

function portOf(port: number | undefined): number {
  if (port !== undefined && port > 65_535)
    throw new KittyError('usage', `--port ${port} is no port.`, { hint: sh`Give a number from 0 to 65535.` })
  return port ?? DEFAULT_PORT
}

function originOf(url: string | undefined): string | undefined {
  if (url === undefined) return undefined
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed !== undefined && /^https?:$/.test(parsed.protocol) && parsed.pathname === '/')
    return parsed.origin
  throw new KittyError('usage', `--public-url ${url} is no address of a server.`, {
    hint: sh`Give scheme, host and port only, such as https://sync.example.com`,
  })
}
