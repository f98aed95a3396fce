import { describe, expect, it } from 'vitest'
import { actRefusal, type Door, type Head, refusal } from './guard.ts'
import { KEYS } from './testing/start.ts'

const DOOR: Door = { port: 9237, host: undefined, readOnly: false, keys: KEYS }
const COOKIE = `theme=dark; spec_kitty_9237=${KEYS.cookie}`

function head(headers: Record<string, string>, method = 'GET', path = '/api/v2/missions'): Head {
  return { method, path, headers: { host: '127.0.0.1:9237', ...headers } }
}

describe('the door', () => {
  it.each([
    ['our own page', head({ origin: 'http://127.0.0.1:9237', 'sec-fetch-site': 'same-origin' })],
    ['a program', head({})],
    ['a typed address', head({ 'sec-fetch-site': 'none' }, 'GET', '/')],
    ['localhost', head({ host: 'LOCALHOST:9237' })],
    [
      'a link that was followed',
      head(
        { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
        'GET',
        '/m/demo',
      ),
    ],
  ])('lets in %s', (_, request) => {
    expect(refusal(DOOR, request)).toBeUndefined()
  })

  it.each([
    ['a name of somebody else', head({ host: 'evil.example:9237' })],
    ['our name with another port', head({ host: '127.0.0.1:80' })],
    ['no name', { ...head({}), headers: {} }],
    ['a page of another origin', head({ origin: 'https://evil.example' })],
    ['a page of another port', head({ origin: 'http://127.0.0.1:3000' })],
    ['a page without origin', head({ origin: 'null' })],
    ['an EventSource of another site', head({ 'sec-fetch-site': 'cross-site' }, 'GET', '/api/v2/events')],
    ['another port of this machine', head({ 'sec-fetch-site': 'same-site' })],
    [
      'a frame',
      head(
        { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
        'GET',
        '/',
      ),
    ],
    [
      'an answer opened as a page',
      head({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }),
    ],
  ])('refuses %s', (_, request) => {
    expect(refusal(DOOR, request)?.status).toBe(403)
  })

  it('knows three methods', () => {
    expect(refusal(DOOR, head({}, 'PUT'))?.status).toBe(405)
  })

  it('asks everybody for a key where others than this machine can come', () => {
    const open = { ...DOOR, host: 'box.lan' }
    const there = { host: 'box.lan:9237' }
    expect(refusal(open, head(there))?.status).toBe(403)
    expect(refusal(open, head({ ...there, authorization: `Bearer ${KEYS.token}` }))).toBeUndefined()
    expect(refusal(open, head({ ...there, cookie: COOKIE }))).toBeUndefined()
    expect(refusal({ ...open, host: '0.0.0.0' }, head(there))?.status).toBe(403)
  })
})

describe('what acts', () => {
  const whole = { cookie: COOKIE, 'content-type': 'application/json', 'x-spec-kitty-token': KEYS.request }
  const post = (headers: Record<string, string>): Head => head(headers, 'POST')

  it('needs the cookie and the header', () => {
    expect(actRefusal(DOOR, post(whole))).toBeUndefined()
    expect(actRefusal(DOOR, post({ ...whole, cookie: '' }))?.status).toBe(403)
    expect(actRefusal(DOOR, post({ ...whole, cookie: 'spec_kitty_9237=' }))?.status).toBe(403)
    expect(actRefusal(DOOR, post({ ...whole, 'x-spec-kitty-token': KEYS.cookie }))?.status).toBe(403)
  })

  it('is no form of another page', () => {
    expect(actRefusal(DOOR, post({ ...whole, 'content-type': 'text/plain' }))?.status).toBe(415)
    expect(actRefusal(DOOR, post({ ...whole, 'content-type': 'application/jsonp' }))?.status).toBe(415)
  })

  it('is nothing where nothing may be changed', () => {
    expect(actRefusal({ ...DOOR, readOnly: true }, post(whole))?.status).toBe(403)
  })
})
