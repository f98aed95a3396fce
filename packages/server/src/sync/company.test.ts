/** Sign-in with a company's identity provider: a real one, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { CLIENT_ID, DEVICE_GRANT, type DeviceAuthorization } from '@spec-kitty/contracts/wire/auth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { linkUser, setUserDisabled } from '../admin.ts'
import { startTestServer, type TestServer } from '../testing/start.ts'
import { pkceChallenge } from './secrets.ts'

let provider: ChildProcess
let issuer: string
let server: TestServer

beforeAll(async () => {
  const port = await freePort()
  const program = join(import.meta.dirname, '../testing/identity-provider.mjs')
  const stdio = ['pipe', 'pipe', 'ignore'] as const
  provider = spawn(process.execPath, [program, `http://127.0.0.1:${port}/sso/callback`], {
    stdio: [...stdio],
  })
  issuer = String((await once(provider.stdout ?? provider, 'data'))[0]).trim()
  const company = { issuer, clientId: 'spec-kitty', clientSecret: 'secret of the client' }
  server = await startTestServer({ port, company })
})
afterAll(async () => {
  provider.kill()
  await server.cleanup()
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  await new Promise(resolve => probe.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A browser as far as it is needed: cookies of the provider, redirects, its two forms. Stops at our own answer. */
async function browse(from: string, sub: string): Promise<Response> {
  const cookies = new Map<string, string>()
  let [url, form]: [string, URLSearchParams | undefined] = [from, undefined]
  for (let steps = 0; steps < 20; steps++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer: Response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    const location = answer.headers.get('location')
    const ours = url.startsWith(`${server.url}/sso/callback`)
    if (ours || (location === null && url.startsWith(server.url))) return answer
    form = undefined
    if (location === null) {
      const html = await answer.text()
      url = new URL(/action="([^"]+)"/.exec(html)?.[1] ?? '', url).href
      const prompt = /name="prompt" value="(\w+)"/.exec(html)?.[1] ?? ''
      form = new URLSearchParams(prompt === 'login' ? { prompt, login: sub, password: 'x' } : { prompt })
    } else url = new URL(location, url).href
  }
  throw new Error(`It goes round and round at ${url}.`)
}

const begin = async (): Promise<DeviceAuthorization> =>
  (await (await server.form('/oauth/device', { client_id: CLIENT_ID })).json()) as DeviceAuthorization
const poll = async (device: DeviceAuthorization): Promise<Record<string, string>> => {
  const fields = { grant_type: DEVICE_GRANT, client_id: CLIENT_ID, device_code: device.device_code }
  return (await (await server.form('/oauth/token', fields)).json()) as Record<string, string>
}
/** The link on the page of a device login, as a browser reads it. */
const linkOf = async (page: string): Promise<string> => {
  const html = await (await fetch(page)).text()
  const href = /href="(\/sso\/start[^"]*)"/.exec(html)?.[1] ?? ''
  return server.url + href.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
}
const connect = async (device: DeviceAuthorization, sub: string, answer = 'approve'): Promise<Response> => {
  const asked = await browse(await linkOf(device.verification_uri_complete ?? ''), sub)
  const html = await asked.text()
  if (asked.status !== 200) return new Response(html, { status: asked.status })
  expect(html).toContain(device.user_code)
  const ticket = /name="ticket" value="([^"]+)"/.exec(html)?.[1] ?? ''
  return await server.form('/sso/device', { ticket, answer })
}
const nameOf = async (token: string | undefined): Promise<unknown> => {
  const answer = await fetch(`${server.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } })
  return ((await answer.json()) as Record<string, unknown>).name
}

describe('a device', () => {
  test('is connected after its code was confirmed; the account is made once and has no password', async () => {
    for (const _ of [1, 2]) {
      const device = await begin()
      expect((await connect(device, 'sub-1')).status).toBe(200)
      expect(await nameOf((await poll(device)).access_token)).toBe('dora')
    }
    expect((await server.store.users()).filter(({ name }) => name === 'dora')).toHaveLength(1)
    const withPassword = await server.approve((await begin()).user_code, 'dora')
    expect(withPassword.status).toBe(401)
  })

  test('is not connected by who says no, nor by signing in alone', async () => {
    const device = await begin()
    await browse(await linkOf(device.verification_uri_complete ?? ''), 'sub-1')
    expect((await poll(device)).error).toBe('authorization_pending')
    await connect(device, 'sub-1', 'deny')
    expect((await poll(device)).error).toBe('access_denied')
  })

  test('an account that is there is not taken over by its name, until the operator ties it', async () => {
    const refused = await connect(await begin(), 'sub-2')
    expect(refused.status).toBe(403)
    expect(await refused.text()).toContain('serve user link')
    const alice = await server.store.userByName('alice')
    if (alice === undefined) throw new Error('no alice')
    await linkUser(server.store, alice, `${issuer} sub-2`)
    const device = await begin()
    await connect(device, 'sub-2')
    const { access_token: token } = await poll(device)
    expect(await nameOf(token)).toBe('alice')

    await setUserDisabled(server.store, alice, true)
    expect((await connect(await begin(), 'sub-2')).status).toBe(403)
    expect((await server.store.audit({ action: 'login_refused', most: 1 }))[0]?.actor).toBe('alice')
  })
})

test('a browser login goes on to the program that waits, with code and state', async () => {
  const redirect = 'http://127.0.0.1:28888/callback'
  const verifier = 'v'.repeat(43)
  const query = new URLSearchParams({
    client_id: CLIENT_ID,
    redirect_uri: redirect,
    response_type: 'code',
    scope: 'offline_access',
    code_challenge: pkceChallenge(verifier),
    code_challenge_method: 'S256',
    state: 'the state',
  })
  const answer = await browse(await linkOf(`${server.url}/oauth/authorize?${query}`), 'sub-1')
  const target = new URL(answer.headers.get('location') ?? '')
  expect([target.origin + target.pathname, target.searchParams.get('state')]).toEqual([redirect, 'the state'])
  const tokens = await server.form('/oauth/token', {
    grant_type: 'authorization_code',
    client_id: CLIENT_ID,
    code: target.searchParams.get('code') ?? '',
    redirect_uri: redirect,
    code_verifier: verifier,
  })
  expect(await nameOf(((await tokens.json()) as Record<string, string>).access_token)).toBe('dora')
})

test('an answer nobody waits for, one that is shown twice, and one that was made up', async () => {
  expect((await fetch(`${server.url}/sso/callback?state=x&code=y`)).status).toBe(400)
  const link = await linkOf((await begin()).verification_uri_complete ?? '')
  const leaving = await fetch(link, { redirect: 'manual' })
  const state = new URL(leaving.headers.get('location') ?? '').searchParams.get('state') ?? ''
  const madeUp = `${server.url}/sso/callback?state=${state}&code=made-up&iss=${encodeURIComponent(issuer)}`
  expect((await fetch(madeUp)).status).toBe(401)
  expect((await fetch(madeUp)).status).toBe(400)
  expect((await server.form('/sso/device', { ticket: state, answer: 'approve' })).status).toBe(400)
})

test('a provider that does not answer is told as that', async () => {
  const company = { issuer: 'http://127.0.0.1:1', clientId: 'x' }
  const other = await startTestServer({ company })
  const answer = await fetch(`${other.url}/sso/start?user_code=ABCD`)
  expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('does not answer')])
  await other.cleanup()
})
