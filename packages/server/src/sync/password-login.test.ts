import { afterAll, beforeAll, expect, test } from 'vitest'
import { PASSWORD, startTestServer, type TestServer } from '../testing/start.ts'
import { createPasswordLogin } from './password-login.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.cleanup())

test('a flood of logins is checked four at a time, the rest is sent away', async () => {
  const login = createPasswordLogin(server.store, { now: () => 0 })
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => login('alice', PASSWORD, 'here')))
  expect(outcomes.filter(each => 'user' in each)).toHaveLength(4)
  expect(await login('alice', PASSWORD, 'here')).toHaveProperty('user')
})

test('the pause is for one name from one address, and a success forgets the failures', async () => {
  let now = 0
  const login = createPasswordLogin(server.store, { now: () => now })
  for (let i = 0; i < 4; i++) await login('alice', 'wrong', 'here')
  expect(await login('alice', PASSWORD, 'here')).toHaveProperty('user')
  for (let i = 0; i < 5; i++) expect(await login('alice', 'wrong', 'here')).toEqual({ refused: 'wrong' })
  expect(await login('alice', PASSWORD, 'here')).toEqual({ refused: 'too_many' })
  expect(await login('alice', PASSWORD, 'there')).toHaveProperty('user')
  now = 60_000
  expect(await login('alice', 'wrong', 'here')).toEqual({ refused: 'wrong' })
  expect(await login('alice', PASSWORD, 'here')).toEqual({ refused: 'too_many' })
})

test('a password longer than anybody types is cut, not hashed in full', async () => {
  const login = createPasswordLogin(server.store, { now: () => 0 })
  expect(await login('alice', 'x'.repeat(10_000_000), 'here')).toEqual({ refused: 'wrong' })
})
