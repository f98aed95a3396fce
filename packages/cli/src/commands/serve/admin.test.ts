/** What an operator does: every command against a real store, and what a running server makes of it. */

import { statSync, writeFileSync } from 'node:fs'
import * as schemas from '@spec-kitty/contracts/cli/serve'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { PASSWORD, startTestServer, type TestServer } from '@spec-kitty/server/testing/start'
import type { GenericSchema, InferOutput } from 'valibot'
import * as v from 'valibot'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCli } from '../../testing/run-cli.ts'

let world: World
let server: TestServer
beforeEach(async () => {
  world = createWorld({ git: false })
  server = await startTestServer()
  await server.addUser('bob', ['platform'])
})
afterEach(async () => {
  await server.cleanup()
  world.cleanup()
})

const run = async (words: string, ...more: readonly string[]) =>
  await runCli(world, ['serve', ...words.split(' '), ...more, '--data', server.data])
async function json<S extends GenericSchema>(schema: S, words: string, ...more: readonly string[]) {
  const { status, json: document } = await run(words, ...more, '--json')
  expect([status, document]).toEqual([0, expect.anything()])
  return v.parse(schema, document) as InferOutput<S>
}
const refusal = async (words: string) => {
  const { status, json: document } = await run(words, '--json')
  return { status, ...(document as { code: string; error: string }) }
}
const me = (token: string): Promise<number> =>
  fetch(`${server.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } }).then(
    answer => answer.status,
  )

test('users: listed, disabled, enabled, given a password, removed; sessions end at once', async () => {
  const { access_token } = await server.login('bob')
  const { users } = await json(schemas.ServeUserList, 'user list')
  expect(users.map(({ name, sessions }) => [name, sessions])).toEqual([
    ['alice', 0],
    ['bob', 1],
  ])
  expect(users[1]?.teams.map(({ team }) => team)).toEqual(['private-bob', 'platform'])
  expect(await json(schemas.ServeUserChange, 'user disable bob')).toMatchObject({ sessions_ended: 1 })
  expect(await me(access_token)).toBe(401)
  expect((await server.approve('X', 'bob')).status).toBe(401)
  expect((await run('user list')).stdout).toContain('bob <bob@localhost> disabled since')
  await json(schemas.ServeUserChange, 'user enable bob')
  expect(await me((await server.login('bob')).access_token)).toBe(200)
  const { password } = await json(schemas.ServeUserChange, 'user passwd bob')
  expect(password).toMatch(/^\S{20}$/)
  expect((await server.approve('X', 'bob')).status).toBe(401)
  expect(await json(schemas.ServeUserChange, 'user remove bob')).toMatchObject({ result: 'removed' })
  expect((await json(schemas.ServeTeamList, 'team list')).teams.map(({ team }) => team)).toEqual([
    'platform',
    'private-alice',
  ])
  for (const what of ['disable', 'enable', 'passwd', 'remove'])
    expect(await refusal(`user ${what} bob`)).toMatchObject({ status: 1, code: 'invalid_input' })
})

test('teams: made, joined, left, removed', async () => {
  await json(schemas.ServeTeamChange, 'team add tools --title', 'The tools')
  expect(await refusal('team add tools')).toMatchObject({ code: 'invalid_input' })
  expect(await refusal('team add private-x')).toMatchObject({ code: 'invalid_input' })
  expect(await json(schemas.ServeTeamChange, 'team role tools alice --role owner')).toEqual({
    team: 'tools',
    result: 'role_set',
    user: 'alice',
    role: 'owner',
  })
  const listed = await json(schemas.ServeTeamList, 'team list')
  expect(listed.teams.find(({ team }) => team === 'tools')).toMatchObject({
    title: 'The tools',
    members: [{ name: 'alice', role: 'owner' }],
  })
  expect((await run('team role tools alice --role none')).stdout).toBe('alice is out of tools.\n')
  await json(schemas.ServeTeamChange, 'team remove tools')
  expect(await refusal('team remove tools')).toMatchObject({ error: 'There is no team "tools".' })
  expect(await refusal('team remove private-alice')).toMatchObject({ code: 'invalid_input' })
})

test('sessions: listed and ended, one or all', async () => {
  const first = await server.login('bob')
  const second = await server.login('bob')
  const { sessions } = await json(schemas.ServeSessionList, 'session list --user bob')
  expect(new Set(sessions.map(({ session_id }) => session_id))).toEqual(
    new Set([first.session_id, second.session_id]),
  )
  await json(schemas.ServeSessionRevoke, `session revoke ${first.session_id}`)
  expect([await me(first.access_token), await me(second.access_token)]).toEqual([401, 200])
  expect(await json(schemas.ServeSessionRevoke, 'session revoke --user bob')).toEqual({ sessions_ended: 1 })
  expect((await run('session list')).stdout).toBe('No sessions.\n')
  expect(await refusal('session revoke nothing')).toMatchObject({ code: 'invalid_input' })
  expect(await refusal('session revoke')).toMatchObject({ status: 2, code: 'usage' })
})

test('the audit has logins, refusals and what the operator did', async () => {
  await server.login('bob')
  await server.form('/device', { user_code: 'X', name: 'bob', password: 'wrong', answer: 'approve' })
  await run('user disable bob')
  const { entries } = await json(schemas.ServeAudit, 'audit --limit 10')
  expect(entries.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
    'console user_disable',
    'bob login_refused',
    'bob login',
  ])
  expect(entries.map(({ address }) => address !== '')).toEqual([false, true, true])
  expect((await json(schemas.ServeAudit, 'audit --actor console')).entries).toHaveLength(1)
  expect((await run('audit --action login')).stdout).toContain(' bob login sess-')
  expect(JSON.stringify(entries)).not.toContain(PASSWORD)
})

test('limits: set, refused beyond with 507, forgotten; prune goes by the days', async () => {
  const { access_token } = await server.login('bob')
  const send = async (n: number): Promise<number> => {
    const { wireEvent } = await import('@spec-kitty/server/testing/wire-event')
    const event_id = `01M84XCG40QJQ9XH0CGA${String(n).padStart(6, '0')}`
    const answer = await fetch(`${server.url}/api/v1/events/batch/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}` },
      body: JSON.stringify({ events: [wireEvent({ event_id })] }),
    })
    return answer.status
  }
  await json(schemas.ServeLimits, 'limits --user bob --events 1')
  await json(schemas.ServeLimits, 'limits --team * --keep-days 0 --mib 10')
  expect([await send(1), await send(2)]).toEqual([200, 507])
  expect((await run('limits')).stdout).toMatch(/team:\*: 10 MiB kept 0 days\nuser:u-\w+: 1 events/)
  server.pass(1000)
  expect(await json(schemas.ServePrune, 'prune')).toEqual({ events_removed: 1 })
  expect(await send(2)).toBe(200)
  expect(await json(schemas.ServeLimits, 'limits --user bob --clear')).toMatchObject({
    limits: [{ owner: 'team:*' }],
  })
  expect(await refusal('limits --events 1')).toMatchObject({ code: 'usage' })
  expect(await refusal('limits --team nowhere --events 1')).toMatchObject({ code: 'invalid_input' })
})

test('a backup of a running server is sound and comes back; one server for one directory', async () => {
  const backup = `${world.root}/backup.db`
  expect(await json(schemas.ServeFile, `backup ${backup}`)).toMatchObject({ result: 'backed_up', users: 2 })
  expect(statSync(backup).mode & 0o777).toBe(0o600)
  expect(await refusal(`backup ${backup}`)).toMatchObject({ code: 'invalid_input' })
  expect(await json(schemas.ServeFile, 'check')).toMatchObject({ result: 'sound', users: 2 })
  expect(await refusal(`restore ${backup}`)).toMatchObject({ code: 'lock_busy' })
  expect(await refusal('--port 0')).toMatchObject({ code: 'lock_busy', status: 1 })
  await server.addUser('late')
  await server.close()
  writeFileSync(`${world.root}/junk.db`, 'x'.repeat(9000))
  expect(await refusal(`restore ${world.root}/junk.db`)).toMatchObject({ code: 'io_failed' })
  expect(await json(schemas.ServeFile, 'check')).toMatchObject({ users: 3 })
  const { kept } = await json(schemas.ServeFile, `restore ${backup}`)
  expect((await json(schemas.ServeUserList, 'user list')).users.map(({ name }) => name)).toEqual([
    'alice',
    'bob',
  ])
  expect(await json(schemas.ServeFile, `check ${kept}`)).toMatchObject({ users: 3 })
  expect(await refusal('backup x --database postgres://x/y')).toMatchObject({ code: 'usage' })
  expect(await refusal(`check ${world.root}/nothing.db`)).toMatchObject({ code: 'io_failed' })
})

test('usage: neither or both of directory and database', async () => {
  for (const words of [
    ['serve', 'user', 'list'],
    ['serve', 'user', 'list', '--data', 'x', '--database', 'postgres://x/y'],
    ['serve', 'user', 'list', '--database', 'mysql://x/y'],
  ]) {
    const { status, json: document } = await runCli(world, [...words, '--json'])
    expect([status, document]).toMatchObject([2, { code: 'usage' }])
  }
  expect(world.exists('x')).toBe(false)
})
