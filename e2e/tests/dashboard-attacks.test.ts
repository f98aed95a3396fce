/** The dashboard as it is started by people, asked by somebody who should get nothing. */
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createMissionRepository, type MissionRepository, SLUG } from '../support/mission-repository.ts'

let repo: MissionRepository
let control: { url: string; port: number; token: string; pid: number }

const readControl = () => {
  const [url = '', port, token = '', pid] = readFileSync(
    join(repo.root, '.kittify/.dashboard'),
    'utf8',
  ).split('\n')
  return { url, port: Number(port), token, pid: Number(pid) }
}

beforeAll(() => {
  repo = createMissionRepository(['WP01'])
  writeFileSync(join(repo.root, '.gitignore'), '.worktrees/\n.kittify/.dashboard\n')
  writeFileSync(join(repo.dir, 'secret.md'), 'SECRET\n')
  symlinkSync(join(repo.dir, 'secret.md'), join(repo.root, 'kitty-specs', SLUG, 'leak.md'))
  repo.git('add', '-A')
  repo.git('commit', '-qm', 'start')
  repo.run(['dashboard'])
  control = readControl()
})
afterAll(() => {
  repo.run(['dashboard', '--kill'])
  repo.cleanup()
})

function ask(path: string, headers: Record<string, string> = {}, body?: string) {
  return new Promise<{ status: number; text: string; cookie: string }>((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const asked = request(
      { host: '127.0.0.1', port: control.port, path, headers, method, agent: false },
      response => {
        let text = ''
        response.setEncoding('utf8').on('data', chunk => {
          text += String(chunk)
        })
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            text,
            cookie: response.headers['set-cookie']?.[0] ?? '',
          }),
        )
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

it('listens on this machine alone, and keeps its token from others', () => {
  expect(control.url).toBe(`http://127.0.0.1:${control.port}`)
  expect(statSync(join(repo.root, '.kittify/.dashboard')).mode & 0o077).toBe(0)
  // Whoever lists processes sees no token.
  const words = process.platform === 'linux' ? readFileSync(`/proc/${control.pid}/cmdline`, 'utf8') : ''
  expect(words).not.toContain(control.token)
})

it.each([
  ['a foreign name', '/', { host: 'evil.example' }],
  ['a page of another origin', '/api/v2/missions', { origin: 'https://evil.example' }],
  ['an EventSource of another site', '/api/v2/events', { 'sec-fetch-site': 'cross-site' }],
])('refuses %s', async (_, path, headers) => {
  expect(await ask(path, headers)).toMatchObject({ status: 403, cookie: '' })
})

it('acts for nobody without cookie and header, and leads out of the project by no path', async () => {
  const move = `/api/v2/packages/${SLUG}/WP01/move`
  const json = { 'content-type': 'application/json' }
  const { cookie } = await ask(`/?token=${control.token}`)
  const mine = { ...json, cookie: cookie.split(';')[0] ?? '' }
  for (const headers of [json, mine, { ...mine, 'x-spec-kitty-token': control.token }])
    expect((await ask(move, headers, '{"to":"canceled","force":true}')).status).toBe(403)
  const paths = [
    '/../../secret.md',
    `/api/v2/missions/${SLUG}/documents/leak.md`,
    `/api/artifact/${SLUG}/leak.md`,
  ]
  for (const path of [
    ...paths,
    `/api/research/${SLUG}/..%2f..%2f..%2fsecret.md`,
    '/%2e%2e/%2e%2e/etc/passwd',
  ])
    expect((await ask(path)).text).not.toMatch(/SECRET|root:/)
  expect(repo.git('status', '--porcelain')).toBe('')
})

it('is found dead after a kill, and starts again with other keys', async () => {
  process.kill(control.pid, 'SIGKILL')
  const before = control
  repo.run(['dashboard'])
  control = readControl()
  expect(control.token).not.toBe(before.token)
  expect((await ask(`/?token=${before.token}`)).cookie).toBe('')
  // A control file that came with a repository names what it likes: nobody is sent there, nobody is killed.
  const trap = join(repo.root, '.kittify/.dashboard')
  const own = readFileSync(trap)
  const bystander = execFileSync('sh', ['-c', 'sleep 60 >/dev/null 2>&1 & echo $!'], {
    encoding: 'utf8',
  }).trim()
  writeFileSync(
    trap,
    `http://evil.example:${control.port}\n${control.port}\n${'0'.repeat(32)}\n${bystander}\n`,
  )
  expect(repo.run(['dashboard', '--kill']).status).toBe(0)
  process.kill(Number(bystander), 0)
  process.kill(Number(bystander), 'SIGKILL')
  writeFileSync(trap, own)
})
