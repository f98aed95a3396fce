/**
 * `node kill.mjs URL [EVENTS]`: two servers on the PostgreSQL at URL, four clients that send until everything is
 * acknowledged, a follower; each server is killed in the middle. Prints what was lost, doubled, or skipped by the follower.
 */
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { call, event, logIn, openServers, report, sendBatch } from './world.mjs'

const [database, count = '20000'] = process.argv.slice(2)
const EVENTS = Number(count)
const BATCH = 50
const CLIENTS = 4

const world = await openServers({ database, count: 2 })
// A login is good at both.
const token = await logIn(world.servers[0].url)
const acknowledged = []
let unanswered = 0

async function send(n) {
  for (let sent = 0; sent < EVENTS / CLIENTS; sent += BATCH) {
    const events = Array.from({ length: BATCH }, (_, i) => event(n * EVENTS + sent + i))
    for (let attempt = n; ; attempt++) {
      try {
        await sendBatch({ url: world.servers[attempt % 2].url, token }, events)
        break
      } catch {
        unanswered++
        await wait(50)
      }
    }
    acknowledged.push(...events.map(each => each.event_id))
  }
}

/** Reads on from the last number that it has seen, at whichever server answers. */
async function readFrom(after, done) {
  const seen = []
  for (let attempt = 0; ; attempt++) {
    const last = done()
    let answer
    try {
      answer = await call(world.servers[attempt % 2].url, `/api/v1/events/?after=${after}`, { token })
    } catch {
      await wait(50)
      continue
    }
    if (answer.status !== 200) continue
    const page = JSON.parse(answer.text)
    seen.push(...page.events.map(each => each.event.event_id))
    after = page.next
    if (last && page.events.length === 0) return seen
    if (page.events.length === 0) await wait(5)
  }
}

async function kill(at, part) {
  while (acknowledged.length < EVENTS * part) await wait(5)
  const [{ child }] = [world.servers[at]]
  child.removeAllListeners('exit')
  child.kill('SIGKILL')
  await once(child, 'exit')
  world.servers[at] = await world.start()
}

let sending = true
const follower = readFrom(0, () => !sending)
const kills = kill(0, 0.25).then(() => kill(1, 0.6))
await Promise.all([0, 1, 2, 3].map(send))
await kills
sending = false
const followed = await follower
const stored = await readFrom(0, () => true)
const missing = list => {
  const have = new Set(list)
  return acknowledged.filter(id => !have.has(id)).length
}
await world.end()
report({
  events: acknowledged.length,
  unanswered,
  lost: missing(stored),
  doubled: stored.length - new Set(stored).size,
  skipped: missing(followed),
  told_twice: followed.length - new Set(followed).size,
})
