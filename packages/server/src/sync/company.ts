/**
 * Sign-in with a company's own identity provider (OpenID Connect, authorization code with PKCE). The provider says who
 * somebody is; everything after that, sessions and their end, is as with a password.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Configuration } from 'openid-client'
import type { Store, User } from '../store/store.ts'
import { addUser, isUserName } from '../users.ts'
import type { Random } from './ports.ts'

/** How this server is known at the provider. */
export interface CompanySettings {
  /** Its address, as in `iss`. */
  readonly issuer: string
  readonly clientId: string
  /** Undefined for a public client, which PKCE alone protects. */
  readonly clientSecret?: string | undefined
}

/** What must be known again when the browser comes back. */
export interface Departure {
  readonly url: string
  readonly verifier: string
  readonly nonce: string
}

/** Who came back. */
export interface Arrival {
  /** Issuer and subject: the one name at the provider that never changes nor is given away again. */
  readonly subject: string
  /** Login names to try for a new user, best first. */
  readonly names: readonly string[]
  readonly email: string | undefined
}

export interface Company {
  readonly depart: (redirectUri: string, state: string) => Promise<Departure>
  /** Throws for anything but a good answer of the provider. */
  readonly arrive: (url: URL, state: string, departure: Omit<Departure, 'url'>) => Promise<Arrival>
}

const TIMEOUT_SECONDS = 10
const SCOPE = 'openid profile email'

/** The provider is asked for its addresses at the first sign-in, and again until it answers. */
export function createCompany(settings: CompanySettings): Company {
  let known: Promise<Configuration> | undefined
  const configuration = (): Promise<Configuration> => {
    known ??= discover(settings).catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }
  return {
    depart: async (redirectUri, state) => {
      const client = await import('openid-client')
      const [verifier, nonce] = [client.randomPKCECodeVerifier(), client.randomNonce()]
      const url = client.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope: SCOPE,
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      return { url: url.href, verifier, nonce }
    },
    arrive: async (url, state, { verifier, nonce }) => {
      const client = await import('openid-client')
      const config = await configuration()
      const tokens = await client.authorizationCodeGrant(config, url, {
        pkceCodeVerifier: verifier,
        expectedNonce: nonce,
        expectedState: state,
        idTokenExpected: true,
      })
      const said = tokens.claims()
      if (said === undefined) throw new Error('The provider gave no ID token.')
      // Many providers tell name and address only when asked for them.
      const named = said.email !== undefined || said.preferred_username !== undefined
      const asks = !named && config.serverMetadata().userinfo_endpoint !== undefined
      const claims = asks ? await client.fetchUserInfo(config, tokens.access_token, said.sub) : said
      const { preferred_username: name, email } = claims
      const names = [name, email].filter(each => typeof each === 'string').filter(isUserName)
      const subject = `${config.serverMetadata().issuer} ${said.sub}`
      return { subject, names, email: typeof email === 'string' ? email.slice(0, 254) : undefined }
    },
  }
}

async function discover({ issuer, clientId, clientSecret }: CompanySettings): Promise<Configuration> {
  const client = await import('openid-client')
  const url = new URL(issuer)
  const here = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname)
  return await client.discovery(
    url,
    clientId,
    undefined,
    clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret),
    { timeout: TIMEOUT_SECONDS, execute: here ? [client.allowInsecureRequests] : [] },
  )
}

/**
 * The user whom the provider vouches for. A new one is made when its name is free; an account that is there already is
 * never taken over by its name: the operator ties it (`serve user link`). Undefined when no name is free.
 */
export async function userOf(store: Store, random: Random, arrival: Arrival): Promise<User | undefined> {
  const known = await store.userBySubject(arrival.subject)
  if (known !== undefined) return known
  for (const name of arrival.names) {
    const made = await tryToAdd(store, random, name, arrival.email)
    if (made === undefined) continue
    if (await store.setSubject(made.id, arrival.subject)) return made
    // Two sign-ins at once: the other was first.
    await store.removeUser(made.id)
    break
  }
  return await store.userBySubject(arrival.subject)
}

async function tryToAdd(
  store: Store,
  random: Random,
  name: string,
  email: string | undefined,
): Promise<User | undefined> {
  try {
    return (await addUser(store, random, { name, email, password: null, teams: [] })).user
  } catch (error) {
    if (error instanceof KittyError && error.code === 'invalid_input') return undefined
    throw error
  }
}
