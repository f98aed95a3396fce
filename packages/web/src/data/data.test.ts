/** The page's memory without a page: what a browser would give stands here, the rest is real. */
import { afterAll, beforeEach, expect, it, vi } from 'vitest'

const browser = vi.hoisted(() => {
  const kept = new Map<string, string>()
  const asked: string[] = []
  const answers = new Map<string, () => Response | Promise<Response>>()
  const fetch = (path: string): Promise<Response> => {
    asked.push(path)
    return Promise.resolve(answers.get(path)?.() ?? Promise.reject(new Error('refused')))
  }
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
  const page = {
    document: { getElementById: () => null },
    location: { pathname: '/m/demo', search: '', hash: '' },
    fetch,
    localStorage: storage,
    sessionStorage: storage,
  }
  const before = Object.keys(page).map(
    name => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  )
  for (const [name, value] of Object.entries(page))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  return { kept, asked, answers, before }
})

// The next file may run in this very process.
afterAll(() => {
  for (const [name, own] of browser.before) {
    Reflect.deleteProperty(globalThis, name)
    if (own !== undefined) Object.defineProperty(globalThis, name, own)
  }
})

import { commentAt, commentsOf, withComment } from '../diff/comments.ts'
import { act, ask } from './ask.ts'
import { readRoute, to, toMission, toPackage } from './route.ts'
import { age, lasting, present } from './time.ts'

beforeEach(() => {
  browser.asked.length = 0
  browser.answers.clear()
})

it('has an address for everything, and knows one that is none', () => {
  const read = (address: string) => {
    const { params: _, ...route } = readRoute(address)
    return route
  }
  expect(read('/')).toEqual({ page: 'missions' })
  expect(read(toMission('demo'))).toEqual({ page: 'board', mission: 'demo' })
  expect(read(toMission('demo', 'documents', 'research/a b.md'))).toEqual({
    page: 'documents',
    mission: 'demo',
    item: 'research/a b.md',
  })
  expect(read(toPackage('demo', 'WP01'))).toEqual({
    page: 'package',
    mission: 'demo',
    wp: 'WP01',
    tab: 'instructions',
  })
  expect(read(toPackage('demo', 'WP01', 'changes'))).toMatchObject({ tab: 'changes' })
  for (const nowhere of ['/x', '/m', '/m/demo/nothing', '/m/demo/wp/WP01/nothing', to('m', 'demo', 'wp')])
    expect(read(nowhere)).toEqual({ page: 'nowhere' })
  expect(read('/m/%ff')).toEqual({ page: 'board', mission: '%ff' })
  expect(readRoute('/m/demo/timeline?at=3').params.get('at')).toBe('3')
})

it('answers with data, with the refusal of the flow, or with what to do where nobody answers', async () => {
  const answer = (status: number, body: string) =>
    browser.answers.set('/api/v2/x', () => new Response(body, { status }))
  answer(200, '{"a":1}')
  expect(await ask('/x')).toEqual({ data: { a: 1 } })
  answer(409, '{"error":"No.","code":"guard_failed","hint":"Do that"}')
  expect(await act('/x', {})).toMatchObject({
    refusal: { error: 'No.', code: 'guard_failed', hint: 'Do that' },
  })
  answer(502, '<html>')
  expect(await ask('/x')).toEqual({
    refusal: { error: 'The dashboard answered 502.', code: 'unexpected_answer' },
  })
  expect(await ask('/away')).toMatchObject({ refusal: { code: 'unreachable' } })
})

it('says ages as people do', () => {
  present.value = Date.parse('2026-01-02T00:00:00Z')
  const said = [
    '2026-01-01T23:59:31Z',
    '2026-01-01T23:55:00Z',
    '2026-01-01T20:00:00Z',
    '2025-12-30T00:00:00Z',
    'x',
    null,
  ]
  expect(said.map(age)).toEqual(['now', '5m', '4h', '3d', '', ''])
  expect([said[0], said[1], 'x'].map(lasting)).toEqual(['since just now', 'for 5m', ''])
})

it('keeps comments until they are sent, one a line', () => {
  const comments = commentsOf('demo', 'WP01')
  const comment = { path: 'a', side: 'new', line: 3, text: 'Why?' } as const
  comments.value = withComment(comments.value, comment)
  comments.value = withComment(comments.value, { ...comment, text: 'Because.' })
  expect(commentAt(comments.value, comment)?.text).toBe('Because.')
  expect(commentAt(comments.value, { ...comment, side: 'old' })).toBeUndefined()
  expect([...browser.kept.values()]).toEqual([JSON.stringify([{ ...comment, text: 'Because.' }])])
  comments.value = withComment(comments.value, { ...comment, text: ' ' })
  expect([comments.value, browser.kept.size]).toEqual([[], 0])
  browser.kept.set('spec-kitty-comments demo WP02', '{no list')
  expect(commentsOf('demo', 'WP02').value).toEqual([])
})
