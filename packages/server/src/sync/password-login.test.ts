import { afterEach, beforeEach, expect, test } from 'vitest'
import { PASSWORD, startTestServer, type TestServer } from '../testing/start.ts'
import { createPasswordLogin, type LoginOutcome } from './password-login.ts'

let server: TestServer
let now = 0
beforeEach(async () => {
  server = await startTestServer()
  now = 0
})
afterEach(() => server.cleanup())

const real = () => createPasswordLogin(server.store, { now: () => now })
/** What is counted does not depend on the slow check of the password. */
const open = () =>
  createPasswordLogin(
    server.store,
    { now: () => now },
    async (password, hash) => password === PASSWORD && hash !== undefined,
  )
const kinds = (outcomes: readonly LoginOutcome[]): readonly string[] =>
  outcomes.map(each => ('user' in each ? 'in' : each.refused))
const count = (outcomes: readonly LoginOutcome[], kind: string): number =>
  kinds(outcomes).filter(each => each === kind).length

test('the right password, a wrong one, an unknown name', async () => {
  const outcomes = []
  for (const [name, password] of [
    ['alice', PASSWORD],
    ['alice', 'wrong'],
    ['nobody', PASSWORD],
  ] as const)
    outcomes.push(await real()(name, password, 'here'))
  expect(kinds(outcomes)).toEqual(['in', 'wrong', 'wrong'])
})

test('attempts at once count as many, also for two servers', async () => {
  const [one, two] = [open(), open()]
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? one : two)('alice', 'wrong', 'here')),
  )
  expect(count(outcomes, 'wrong')).toBe(5)
  expect(count(outcomes, 'too_many')).toBe(7)
})

test('the pause is for one name from one address, and a success forgets the failures', async () => {
  const login = open()
  for (let i = 0; i < 4; i++) await login('alice', 'wrong', 'here')
  expect(await login('alice', PASSWORD, 'here')).toHaveProperty('user')
  for (let i = 0; i < 5; i++) expect(await login('alice', 'wrong', 'here')).toEqual({ refused: 'wrong' })
  expect(await login('alice', PASSWORD, 'here')).toEqual({ refused: 'too_many' })
  expect(await login('alice', PASSWORD, 'there')).toHaveProperty('user')
  now = 60_000
  expect(await login('alice', PASSWORD, 'here')).toHaveProperty('user')
})

test('who tries many names from one address is stopped; who is known there goes on', async () => {
  const login = open()
  expect(await login('alice', PASSWORD, 'proxy')).toHaveProperty('user')
  const sprayed = []
  for (let i = 0; i < 30; i++) sprayed.push(await login(`name${i}`, 'guess', 'proxy'))
  expect(count(sprayed, 'wrong')).toBe(20)
  expect(await login('alice', PASSWORD, 'proxy')).toHaveProperty('user')
})

test('a name that is guessed from many addresses stays open where it is known', async () => {
  const login = open()
  expect(await login('alice', PASSWORD, 'office')).toHaveProperty('user')
  const guesses = []
  for (let i = 0; i < 60; i++) guesses.push(await login('alice', 'guess', `bot${i}`))
  expect(count(guesses, 'wrong')).toBe(50)
  expect(await login('alice', PASSWORD, 'office')).toHaveProperty('user')
})

test('a flood does not keep out who is known: nobody is sent away for want of a place', async () => {
  await server.addUser('carol')
  const login = real()
  await login('carol', PASSWORD, 'here')
  const flood = Array.from({ length: 8 }, (_, i) => login(`bot${i}`, 'x', 'elsewhere'))
  const hers = await Promise.all(Array.from({ length: 4 }, () => login('carol', PASSWORD, 'here')))
  expect(kinds(hers)).toEqual(['in', 'in', 'in', 'in'])
  expect(count(await Promise.all(flood), 'wrong')).toBe(8)
})

test('many logins of one address that succeed use nothing up', async () => {
  const login = open()
  for (let i = 0; i < 25; i++) {
    const name = `colleague${i}`
    const user = { id: `u${i}`, name, email: name, passwordHash: 'x', disabledAt: null }
    await server.store.addUser(user, [])
    expect(await login(name, PASSWORD, 'office')).toHaveProperty('user')
  }
})

test('a password longer than anybody types is cut, not hashed in full', async () => {
  expect(await real()('alice', 'x'.repeat(10_000_000), 'here')).toEqual({ refused: 'wrong' })
})
