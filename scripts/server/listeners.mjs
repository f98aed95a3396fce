/**
 * Listeners in a process of their own, as they are in life: `node listeners.mjs URL TOKEN TEAM COUNT`. Says `ready`, then
 * one line for each event that the first of them hears: its id and when, in milliseconds since the epoch.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from '../workspace.mjs'
import { call } from './world.mjs'

const { WebSocket } = createRequire(join(root, 'packages/server/package.json'))('ws')
const [url, token, team, count] = process.argv.slice(2)

async function listen(told) {
  const asked = await call(url, '/api/v1/ws-token', { token, body: JSON.stringify({ team_id: team }) })
  const ticket = JSON.parse(asked.text)
  const socket = new WebSocket(ticket.ws_url, { headers: { authorization: `Bearer ${ticket.ws_token}` } })
  await new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', message => {
      if (message.length > 18 && message.toString('latin1', 0, 18) === '{"type":"snapshot"') resolve()
      else told(message)
    })
  })
}

const now = () => performance.timeOrigin + performance.now()
for (let i = 0; i < Number(count); i++)
  await listen(message => {
    const id = i > 0 ? undefined : /"event_id":"(\w+)"/.exec(message.toString('latin1'))?.[1]
    if (id !== undefined) process.stdout.write(`${id} ${now()}\n`)
  })
process.stdout.write('ready\n')
