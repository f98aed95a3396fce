import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createFaultProxy, type Fault, type FaultProxy } from './fault-proxy.ts'

const hits: string[] = []
const behind = createServer((incoming, outgoing) => {
  hits.push(incoming.url ?? '')
  outgoing.end(JSON.stringify({ results: [1, 2] }))
})
let proxy: FaultProxy

beforeAll(async () => {
  await new Promise<void>(resolve => behind.listen(0, '127.0.0.1', resolve))
  proxy = await createFaultProxy(`http://127.0.0.1:${(behind.address() as AddressInfo).port}`)
})
afterEach(async () => {
  await proxy.clear()
  hits.length = 0
})
afterAll(async () => {
  await proxy.close()
  behind.close()
})

const get = (path = '/x', ms = 2000): Promise<Response> =>
  fetch(proxy.url + path, { signal: AbortSignal.timeout(ms), redirect: 'manual' })

test('without a fault everything passes and is recorded', async () => {
  const answer = await fetch(`${proxy.url}/p?q=1`, { method: 'POST', body: 'hello', headers: { 'x-a': 'b' } })
  expect(await answer.json()).toEqual({ results: [1, 2] })
  const last = proxy.requests.at(-1)
  expect(last).toMatchObject({ method: 'POST', path: '/p?q=1', headers: { 'x-a': 'b' } })
  expect(last?.body.toString()).toBe('hello')
})

test.each<Fault>([{ kind: 'refuse' }, { kind: 'reset' }, { kind: 'not_http' }])(
  '%j: no answer',
  async fault => {
    await proxy.set(fault)
    await expect(get()).rejects.toThrow('fetch failed')
    expect(hits).toEqual([])
  },
)

test('hang', async () => {
  await proxy.set({ kind: 'hang' })
  await expect(get('/x', 100)).rejects.toThrow(/timeout/)
})

test('cut: the server did it, the client does not know', async () => {
  await proxy.set({ kind: 'cut' })
  await expect(get().then(answer => answer.text())).rejects.toThrow()
  expect(hits).toEqual(['/x'])
})

test('slow', async () => {
  await proxy.set({ kind: 'slow', ms: 80 })
  const started = performance.now()
  expect((await get()).status).toBe(200)
  expect(performance.now() - started).toBeGreaterThan(70)
})

test('status for one path and one request only', async () => {
  await proxy.set({ kind: 'status', status: 429, headers: { 'retry-after': '7' } }, { path: '/a', times: 1 })
  expect((await get('/b')).status).toBe(200)
  const refused = await get('/a')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7'])
  expect((await get('/a')).status).toBe(200)
})

test('garbage, huge, redirect, rewrite', async () => {
  await proxy.set({ kind: 'garbage' }, { times: 1 })
  await proxy.add({ kind: 'huge', bytes: 200_000 }, { times: 1 })
  await proxy.add({ kind: 'redirect', to: 'http://elsewhere.example/' }, { times: 1 })
  await proxy.add({ kind: 'rewrite', change: () => ({ results: [] }) })
  expect(await (await get()).text()).toContain('not json')
  expect((await (await get()).text()).length).toBeGreaterThan(200_000)
  expect((await get()).headers.get('location')).toBe('http://elsewhere.example/')
  expect(await (await get()).json()).toEqual({ results: [] })
})
