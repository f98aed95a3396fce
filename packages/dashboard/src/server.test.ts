/** The server over real sockets, in a real repository. */
import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { ArtifactFiles, Features, Kanban, Research } from '@spec-kitty/contracts/dashboard/legacy'
import { MissionCards, MissionDetail } from '@spec-kitty/contracts/dashboard/missions'
import { PackageDetail, PackageDiff } from '@spec-kitty/contracts/dashboard/package'
import { Timeline } from '@spec-kitty/contracts/dashboard/story'
import { tasksStatus } from '@spec-kitty/core/board/status-command'
import { addReadyMission, commitIn, lanePathOf, makeLane } from '@spec-kitty/host/testing/lanes'
import { addMission, advance, appendEvents, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { type GenericSchema, parse } from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Dashboard } from './server.ts'
import { KEYS, startTestDashboard } from './testing/start.ts'

let world: World
let dashboard: Dashboard

beforeEach(() => {
  world = createWorld()
})
afterEach(async () => {
  await dashboard.close()
  world.cleanup()
})

async function start(): Promise<void> {
  dashboard = await startTestDashboard(world)
}

interface Reply {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

function ask(path: string, headers: Record<string, string> = {}, body?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: dashboard.port,
        path,
        headers,
        method: body === undefined ? 'GET' : 'POST',
        agent: false,
      },
      response => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        )
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

async function get<S extends GenericSchema>(schema: S, path: string) {
  const { status, text } = await ask(path)
  expect([status, text.slice(0, 300)]).toEqual([200, expect.any(String)])
  return parse(schema, JSON.parse(text))
}

function act(path: string, body: unknown): Promise<Reply> {
  const headers = {
    cookie: `spec_kitty_${dashboard.port}=${KEYS.cookie}`,
    'content-type': 'application/json',
    'x-spec-kitty-token': KEYS.request,
  }
  return ask(`/api/v2/${path}`, headers, JSON.stringify(body))
}

/** Messages of the stream as they come. */
function listen(last?: string) {
  const seen: string[] = []
  const wanted: (() => void)[] = []
  const asked = request({
    host: '127.0.0.1',
    port: dashboard.port,
    path: '/api/v2/events',
    headers: last === undefined ? {} : { 'last-event-id': last },
    agent: false,
  })
  asked.on('response', response => {
    response.setEncoding('utf8').on('data', (chunk: string) => {
      seen.push(chunk)
      for (const wake of wanted.splice(0)) wake()
    })
  })
  asked.on('error', () => {})
  asked.end()
  const until = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(seen.join(''))) await new Promise<void>(resolve => wanted.push(resolve))
    return seen.join('')
  }
  return { until, close: () => asked.destroy() }
}

describe('views', () => {
  it('say what the commands say, by their contracts', async () => {
    addReadyMission(world)
    await start()
    const { missions, waiting_for_me } = await get(MissionCards, '/api/v2/missions')
    expect(missions.map(card => [card.mission_slug, card.landing])).toEqual([[MISSION_SLUG, 'ready']])
    expect(waiting_for_me).toBe(1)
    const detail = await get(MissionDetail, `/api/v2/missions/${MISSION_SLUG}`)
    expect(detail.board).toEqual(await tasksStatus(world.ports, {}))
    expect(detail.documents.map(document => document.name)).toEqual(
      ['plan.md', 'spec.md', 'status.events.jsonl', 'tasks.md'].filter(name => name.endsWith('.md')),
    )
    const wp = await get(PackageDetail, `/api/v2/packages/${MISSION_SLUG}/WP01`)
    expect(wp.lane_truth).toMatchObject({ ahead: 1, behind: 0, dirty: [] })
    const diff = await get(PackageDiff, `/api/v2/packages/${MISSION_SLUG}/WP01/diff`)
    expect(diff.files).toEqual([
      {
        path: 'src/a/a.txt',
        old_path: null,
        status: 'added',
        additions: 1,
        deletions: 0,
        patch: '@@ -0,0 +1 @@\n+A\n',
        cut: false,
      },
    ])
    expect((await ask(`/api/v2/missions/${MISSION_SLUG}/merge`)).text).toMatch(/^\{"ready":true/)
    await get(Features, '/api/features')
    expect((await get(Kanban, `/api/kanban/${MISSION_SLUG}`)).lanes.approved.map(card => card.id)).toEqual([
      'WP01',
      'WP02',
    ])
    expect((await ask('/api/v2/missions/nobody')).status).toBe(404)
    expect((await ask('/api/kanban/nobody')).status).toBe(404)
  })

  it('of 3.2.0 send what waits for the sync server, for who has the token', async () => {
    addMission(world)
    let sent = 0
    dashboard = await startTestDashboard(world, () => {
      sent += 1
    })
    const reply = async (path: string, body?: string) => {
      const { status, text } = await ask(path, {}, body)
      return [status, JSON.parse(text)]
    }
    expect(await reply('/api/sync/trigger')).toEqual([403, { error: 'invalid_token' }])
    expect(await reply('/api/sync/trigger?token=x', '')).toEqual([403, { error: 'invalid_token' }])
    expect(sent).toBe(0)
    expect(await reply(`/api/sync/trigger?token=${KEYS.token}`, '')).toEqual([202, { status: 'scheduled' }])
    expect(sent).toBe(1)
  })

  it('of 3.2.0 give documents as text, by its words', async () => {
    const rel = addMission(world)
    world.write(`${rel}/research/notes.csv`, 'a,b\n')
    world.write(`${rel}/checklists/ux.md`, '# <b>UX</b>\n')
    world.write('.kittify/charter/charter.md', '# Charter\n')
    await start()
    expect(await get(Research, `/api/research/${MISSION_SLUG}`)).toEqual({
      main_file: null,
      artifacts: [{ name: 'notes.csv', path: 'research/notes.csv', icon: '📊' }],
    })
    expect((await get(ArtifactFiles, `/api/checklists/${MISSION_SLUG}`)).files).toEqual([
      { name: 'ux.md', path: 'checklists/ux.md', icon: '✅' },
    ])
    const texts = [
      `artifact/${MISSION_SLUG}/spec`,
      `checklists/${MISSION_SLUG}/checklists%2Fux.md`,
      'charter',
    ]
    const replies = await Promise.all(texts.map(path => ask(`/api/${path}`)))
    expect(replies.map(({ headers, text }) => [headers['content-type'], text.split('\n')[0]])).toEqual([
      ['text/plain; charset=utf-8', '# Spec'],
      ['text/plain; charset=utf-8', '# <b>UX</b>'],
      ['text/plain; charset=utf-8', '# Charter'],
    ])
    for (const none of [
      'artifact/x/spec',
      `artifact/${MISSION_SLUG}/quickstart`,
      `research/${MISSION_SLUG}/..%2f..%2fx`,
    ])
      expect((await ask(`/api/${none}`)).status).toBe(404)
  })

  it('follow the log row by row, and read it anew where it was rewritten', async () => {
    addMission(world)
    await start()
    const log = `/api/v2/missions/${MISSION_SLUG}/log`
    const board = `/api/v2/missions/${MISSION_SLUG}`
    const lanes = async () => (await get(MissionDetail, board)).packages.map(wp => wp.lane)
    expect(await lanes()).toEqual(['planned', 'planned'])
    const stream = listen()
    await stream.until(/id: /)
    advance(world, 'WP01', 'for_review', 10)
    await stream.until(/event: change/)
    expect(await lanes()).toEqual(['for_review', 'planned'])
    const story = await get(Timeline, `${log}?limit=2`)
    expect([story.total, story.from, story.lanes_before]).toEqual([
      5,
      3,
      { WP01: 'claimed', WP02: 'planned' },
    ])
    expect((await get(Timeline, `${log}?before=3`)).events.map(event => event.index)).toEqual([0, 1, 2])
    stream.close()
    const again = listen()
    await again.until(/id: /)
    // Older than the last one: it counts where it belongs.
    appendEvents(world, [eventRow('WP02', 'planned', 'canceled', 5)])
    await again.until(/event: change/)
    expect(await lanes()).toEqual(['for_review', 'canceled'])
    again.close()
  })

  it('are asked for again only where something changed', async () => {
    addMission(world)
    await start()
    const first = await ask('/api/v2/missions')
    expect((await ask('/api/v2/missions', { 'if-none-match': first.headers.etag ?? '' })).status).toBeOneOf([
      200, 304,
    ])
    expect((await ask('/', {})).headers['content-security-policy']).toContain("script-src 'self'")
  })
})

describe('acts', () => {
  it('reject with comments, which become the feedback', async () => {
    addMission(world)
    world.commit()
    advance(world, 'WP01', 'for_review', 10)
    await start()
    const refused = await act(`packages/${MISSION_SLUG}/WP01/reject`, {})
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('requires review feedback')])
    const reply = await act(`packages/${MISSION_SLUG}/WP01/reject`, {
      feedback: 'Not yet.',
      comments: [{ path: 'src/a.ts', line: 3, side: 'new', quote: 'let x = `1`', text: 'Use const.' }],
    })
    expect([reply.status, reply.text]).toEqual([200, expect.stringContaining('review-cycle-1.md')])
    const file = world.read(`kitty-specs/${MISSION_SLUG}/tasks/WP01-demo/review-cycle-1.md`)
    expect(file).toContain("Not yet.\n\n**src/a.ts:3**\n\n> `let x = '1'`\n\nUse const.")
    expect(file).toContain('reviewer_agent: Ann')
    expect((await act(`packages/${MISSION_SLUG}/WP01/constructor`, {})).status).toBe(404)
    expect((await act(`packages/${MISSION_SLUG}/WP01/move`, { to: 'doing', shell: 'x' })).status).toBe(400)
    expect((await act(`packages/${MISSION_SLUG}/WP01/move`, { to: 'nowhere' })).status).toBe(409)
  })

  it('merge', async () => {
    addReadyMission(world)
    await start()
    expect(
      JSON.parse((await act(`missions/${MISSION_SLUG}/merge`, { strategy: 'merge' })).text),
    ).toMatchObject({
      result: 'success',
    })
    expect(world.git('show', 'main:src/a/a.txt')).toBe('A')
  })
})

describe('attacks', () => {
  it('get nothing through the door, and GET writes nothing', async () => {
    addMission(world)
    world.commit()
    await start()
    const host = `127.0.0.1:${dashboard.port}`
    expect((await ask('/api/v2/missions', { host: `evil.example:${dashboard.port}` })).status).toBe(403)
    expect((await ask('/', { host: 'evil.example' })).status).toBe(403)
    expect((await ask('/api/v2/events', { host, origin: 'https://evil.example' })).status).toBe(403)
    const move = `/api/v2/packages/${MISSION_SLUG}/WP01/move`
    const body = '{"to":"canceled"}'
    const forged = {
      host,
      'content-type': 'text/plain',
      cookie: `spec_kitty_${dashboard.port}=${KEYS.cookie}`,
    }
    expect((await ask(move, { ...forged, origin: 'https://evil.example' }, body)).status).toBe(403)
    expect((await ask(move, forged, body)).status).toBe(415)
    expect((await ask(move, { ...forged, 'content-type': 'application/json' }, body)).status).toBe(403)
    expect((await ask('/?token=wrong')).headers['set-cookie']).toBeUndefined()
    expect((await ask('/api/v2/session')).text).toContain('"request_token":null')
    expect((await ask('/api/health')).text).not.toContain(KEYS.token)
    expect((await ask('/api/shutdown?token=x')).status).toBe(403)
    const entered = await ask(`/m/demo?token=${KEYS.token}`)
    expect([entered.status, entered.headers.location]).toEqual([303, '/m/demo'])
    expect(entered.headers['set-cookie']?.[0]).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/)
    expect((await ask(`//evil.example?token=${KEYS.token}`)).headers.location).toBe('/evil.example')
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it.each([
    '/../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    `/api/v2/missions/${MISSION_SLUG}/documents/..%2f..%2f.git%2fconfig`,
    `/api/v2/missions/${MISSION_SLUG}/documents/leak.md`,
    '/api/v2/missions/..%2f..%2f/log',
    '/api/kanban/..',
    `/api/v2/packages/${MISSION_SLUG}/..%2f..%2fspec`,
    `/api/v2/packages/${MISSION_SLUG}/WP01/diff?path=..%2f..%2fetc%2fpasswd`,
    '/api/v2/missions/%ff',
    '/api/v2/missions/__proto__',
  ])('leave the project by no path: %s', async path => {
    addMission(world)
    world.write('../secret.txt', 'SECRET root:x\n')
    symlinkSync(join(world.dir, 'secret.txt'), join(world.root, 'kitty-specs', MISSION_SLUG, 'leak.md'))
    world.commit()
    await start()
    const { status, text } = await ask(path)
    expect(text).not.toMatch(/root:|SECRET|\[core\]/)
    expect(status).toBeLessThan(500)
  })

  it('HTML of the repository stays JSON, and nothing is guessed to be a page', async () => {
    addMission(world, { meta: { friendly_name: '<script>alert(1)</script>' } })
    await start()
    const { headers, text } = await ask('/api/v2/missions')
    expect(headers['content-type']).toMatch(/^application\/json/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(text).toContain('<script>')
  })

  it('a diff of 50 MB is listed, not sent', async () => {
    addReadyMission(world)
    const long = `${'x'.repeat(99)}\n`
    commitIn(
      world,
      lanePathOf('lane-a'),
      { 'src/a/one-line.txt': 'y'.repeat(5_000_000), 'src/a/big.txt': long.repeat(450_000) },
      'big',
    )
    await start()
    const path = `/api/v2/packages/${MISSION_SLUG}/WP01/diff`
    const diff = await get(PackageDiff, path)
    expect(diff.files.map(file => [file.path, file.additions, file.cut])).toEqual([
      ['src/a/a.txt', 1, false],
      ['src/a/big.txt', 450_000, true],
      ['src/a/one-line.txt', 1, true],
    ])
    const alone = await get(PackageDiff, `${path}?path=src/a/big.txt`)
    expect(alone.files[0]?.cut).toBe(true)
    expect(alone.files[0]?.patch?.length).toBe(2_000_000)
  })

  it('200 tabs: some are told to ask instead, all the others hear', async () => {
    addMission(world)
    await start()
    const replies = Array.from({ length: 200 }, () => connect(dashboard.port, '127.0.0.1'))
    const first = await Promise.all(
      replies.map(
        socket =>
          new Promise<string>(resolve => {
            socket.on('error', () => resolve(''))
            socket.once('data', data => resolve(data.toString()))
            socket.write(`GET /api/v2/events HTTP/1.1\r\nHost: 127.0.0.1:${dashboard.port}\r\n\r\n`)
          }),
      ),
    )
    expect(first.filter(text => text.startsWith('HTTP/1.1 200')).length).toBe(64)
    expect(first.filter(text => text.startsWith('HTTP/1.1 503')).length).toBe(136)
    expect((await ask('/api/v2/missions')).status).toBe(200)
    for (const socket of replies) socket.destroy()
  })

  it('a body without end is given up', async () => {
    addMission(world)
    await start()
    expect((await act('missions/x/merge', { strategy: 'x'.repeat(1_100_000) })).status).toBe(413)
  })
})

describe('coming back', () => {
  it('hears what was missed; who was away too long loads everything again', async () => {
    addMission(world)
    await start()
    const stream = listen()
    const seen = await stream.until(/id: \S+\n\n/)
    const id = /id: (\S+)/.exec(seen)?.[1]
    stream.close()
    advance(world, 'WP01', 'claimed', 10)
    const back = listen(id)
    expect(await back.until(/event: \w+\ndata/)).toContain(`"mission":"${MISSION_SLUG}"`)
    back.close()
    const stranger = listen('otherrun-7')
    expect(await stranger.until(/event: \w+\n/)).toContain('event: reset')
    stranger.close()
  })

  it('hears of commits in lanes and of new missions', async () => {
    addMission(world)
    world.commit()
    world.git('branch', `kitty/mission-${MISSION_SLUG}`)
    makeLane(world, 'lane-a', { 'a.txt': '1' })
    await start()
    const stream = listen()
    await stream.until(/id: /)
    commitIn(world, lanePathOf('lane-a'), { 'a.txt': '2' }, 'more')
    expect(await stream.until(/"what":\[[^\]]*"lanes"/)).toContain(MISSION_SLUG)
    addMission(world, { slug: 'other', id: null })
    await stream.until(/"mission":null/)
    expect((await get(MissionCards, '/api/v2/missions')).missions.map(card => card.mission_slug)).toEqual([
      MISSION_SLUG,
      'other',
    ])
    stream.close()
    expect(
      execFileSync('git', ['status', '--porcelain', '-uno'], { cwd: world.root, encoding: 'utf8' }),
    ).toBe('')
  })
})
