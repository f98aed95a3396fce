import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createNet, proxyFor } from './net.ts'
import { startProcess } from './shell.ts'

const net = createNet()
const open: Server[] = []
afterEach(() => {
  net.close()
  for (const server of open.splice(0)) server.closeAllConnections()
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  open.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const get = (url: string, more: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
  net.send({ method: 'GET', url, timeoutMs: 5000, ...more })

describe('an answer', () => {
  test('of any status, with headers and body; the connection is used again', async () => {
    const ports = new Set<number | undefined>()
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort)
      response.writeHead(418, { 'x-one': '1', 'set-cookie': ['a', 'b'] }).end('ü')
    })
    for (let i = 0; i < 3; i++) {
      const answer = await get(url)
      if (answer.kind !== 'answer') throw new Error(answer.detail)
      expect([answer.status, answer.body, answer.header('x-one'), answer.header('set-cookie')]).toEqual([
        418,
        'ü',
        '1',
        'a',
      ])
    }
    expect(ports.size).toBe(1)
  })

  test('a redirect is an answer like any other', async () => {
    const url = await serve((_, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    )
    expect(await get(url)).toMatchObject({ kind: 'answer', status: 302 })
  })
})

describe('no answer', () => {
  test('in time, or because the command is over', async () => {
    const url = await serve(() => {})
    expect(await get(url, { timeoutMs: 30 })).toMatchObject({ kind: 'failed', reason: 'timeout' })
    expect(await get(url, { signal: AbortSignal.timeout(30) })).toMatchObject({
      kind: 'failed',
      reason: 'aborted',
    })
    expect(await get(url, { signal: AbortSignal.abort() })).toMatchObject({
      kind: 'failed',
      reason: 'aborted',
    })
  })

  test.each([
    ['http://127.0.0.1:1/', 'unreachable', '127.0.0.1:1: ECONNREFUSED'],
    ['https://127.0.0.1:1/', 'unreachable', '127.0.0.1:1: ECONNREFUSED'],
    ['nonsense', 'unreachable', 'ERR_INVALID_URL'],
  ])('from %s', async (url, reason, detail) => {
    expect(await get(url)).toMatchObject({ kind: 'failed', reason, detail: expect.stringContaining(detail) })
  })

  test('that is larger than anything we read', async () => {
    const url = await serve((_, response) => {
      response.on('error', () => {})
      for (let i = 0; i < 40; i++) response.write(Buffer.alloc(100_000))
      response.end()
    })
    expect(await get(url)).toMatchObject({ kind: 'failed', reason: 'garbage' })
  })

  test('on a realtime address', async () => {
    const url = (await serve((_, response) => response.writeHead(403).end())).replace('http', 'ws')
    const told = await new Promise(resolve => {
      net.socket(url, 'token', { message: () => {}, closed: (opened, detail) => resolve([opened, detail]) })
    })
    expect(told).toEqual([false, expect.stringMatching(/403/)])
    const refused = await new Promise(resolve => {
      net.socket('ws://127.0.0.1:1/', 'token', {
        message: () => {},
        closed: (opened, detail) => resolve([opened, detail]),
      })
    })
    expect(refused).toEqual([false, expect.stringContaining('ECONNREFUSED')])
  })
})

test('the callback of a browser: one path, one answer, and an end', async () => {
  const over = new AbortController()
  const callback = await net.awaitCallback('<p>done', 'b', over.signal)
  const other = await net.awaitCallback('', 'x', over.signal)
  expect(other.redirectUri).not.toBe(callback.redirectUri)
  expect((await fetch(new URL('/favicon.ico', callback.redirectUri))).status).toBe(404)
  // Another page asks in between: it does not end the login.
  expect((await fetch(`${callback.redirectUri}?code=evil&state=guess`)).status).toBe(404)
  const page = await fetch(`${callback.redirectUri}?code=a&state=b`)
  expect([page.status, await page.text(), page.headers.get('cache-control')]).toEqual([
    200,
    '<p>done',
    'no-store',
  ])
  expect(await callback.query).toEqual(
    new Map([
      ['code', 'a'],
      ['state', 'b'],
    ]),
  )
  over.abort()
  await expect(other.query).rejects.toThrow(/in time/)
  callback.close()
  other.close()
})

test('a program of the desktop that cannot be started does not matter', async () => {
  await expect(startProcess('spec-kitty-no-such-program', [])).resolves.toBeUndefined()
  await expect(startProcess('true', [])).resolves.toBeUndefined()
})

describe('a proxy', () => {
  const env = { HTTPS_PROXY: 'proxy.example:3128', NO_PROXY: 'localhost, .corp.example,sync.example:8443' }
  test.each([
    ['https://a.example/', 'http://proxy.example:3128'],
    ['wss://a.example/', 'http://proxy.example:3128'],
    ['http://127.0.0.1:1/', undefined],
    ['https://localhost/', undefined],
    ['https://git.corp.example/', undefined],
    ['https://corp.example/', undefined],
    ['https://notcorp.example/', 'http://proxy.example:3128'],
    ['https://sync.example:8443/', undefined],
    ['https://sync.example/', 'http://proxy.example:3128'],
  ])('for %s: %s', (url, proxy) => {
    expect(proxyFor(url, env)).toBe(proxy)
    expect(proxyFor(url, { HTTPS_PROXY: '' })).toBeUndefined()
    expect(proxyFor(url, { ...env, NO_PROXY: '*' })).toBeUndefined()
  })

  test('is asked for a tunnel to the server, and its refusal is told', async () => {
    const asked: string[] = []
    const server = createServer()
    server.on('connect', (request, socket) => {
      asked.push(String(request.url))
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const behind = createNet({ HTTPS_PROXY: `http://127.0.0.1:${port}` })
    const answer = await behind.send({ method: 'GET', url: 'https://sync.example/', timeoutMs: 5000 })
    expect(answer.kind).toBe('failed')
    expect(asked).toEqual(['sync.example:443'])
    behind.close()
    server.close()
  })
})
