/**
 * Our sync server as a process of its own, a recording proxy in front of it, and a mission repository whose HOME knows
 * them: what either edition of the program puts on the wire can be looked at and judged.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createFaultProxy, type FaultProxy } from '@spec-kitty/server/testing/fault-proxy'
import { createMissionRepository, type MissionRepository } from './mission-repository.ts'
import { type Answer, PROGRAM } from './repository.ts'

const USER = 'alice'
const PASSWORD = 'correct horse battery'

export type WireEvent = Readonly<Record<string, unknown>> & {
  readonly payload: Readonly<Record<string, unknown>>
}

export interface SyncWorld {
  readonly repository: MissionRepository
  readonly proxy: FaultProxy
  /** Runs a program in the repository with sync switched on. */
  readonly run: (words: readonly string[], program?: string) => Promise<Answer>
  /** Runs a script in bash, above the repository, with our program on PATH; it stops at the first failure. */
  readonly shell: (script: string) => Promise<Answer>
  /** `auth login --headless`, with the code approved as on the server's page. */
  readonly login: (program?: string) => Promise<Answer>
  /** Every event in every batch that passed the proxy, in order; a repetition counts again. */
  readonly sent: () => readonly WireEvent[]
  /** What the server keeps, in order of receipt. */
  readonly stored: () => Promise<readonly WireEvent[]>
  readonly cleanup: () => Promise<void>
}

export async function createSyncWorld(wps: readonly string[]): Promise<SyncWorld> {
  const repository = createMissionRepository(wps)
  const data = join(repository.dir, 'server')
  const env = { ...repository.env, SPEC_KITTY_ENABLE_SAAS_SYNC: '1' }
  const program = (words: readonly string[], more = {}): ChildProcess =>
    spawn(process.execPath, [PROGRAM, ...words], { cwd: repository.root, env: { ...env, ...more } })

  await succeed(
    program([
      'serve',
      'user',
      'add',
      USER,
      '--team',
      'platform',
      '--data',
      data,
      '--password-stdin',
      '--json',
    ]),
    PASSWORD,
  )
  const server = program(['serve', '--data', data, '--port', '0', '--json', '--quiet'])
  const { url } = JSON.parse(await firstLine(server)) as { readonly url: string }
  const proxy = await createFaultProxy(url)
  tellHome(join(repository.dir, 'home'), proxy.url)

  const start = (words: readonly string[], which: string): ChildProcess => {
    const [executable, first] = which === PROGRAM ? [process.execPath, [PROGRAM]] : [which, []]
    const where = { ...env, SPEC_KITTY_SAAS_URL: proxy.url }
    return spawn(executable, [...first, ...words], { cwd: repository.root, env: where })
  }
  const shell = (script: string): ChildProcess => {
    const where = {
      ...env,
      SPEC_KITTY_SAAS_URL: proxy.url,
      PATH: `${dirname(PROGRAM)}:${process.env.PATH ?? ''}`,
    }
    return spawn('bash', ['-e', '-c', script], { cwd: repository.dir, env: where })
  }
  const form = (path: string, fields: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(url + path, { method: 'POST', body: new URLSearchParams(fields) })
  return {
    repository,
    proxy,
    run: (words, which = PROGRAM) => finished(start(words, which)),
    shell: script => finished(shell(script)),
    login: async (which = PROGRAM) => {
      const child = start(['auth', 'login', '--headless'], which)
      const ended = finished(child)
      const code = await userCode(child)
      await form('/device', { user_code: code, name: USER, password: PASSWORD, answer: 'approve' })
      return await ended
    },
    sent: () =>
      proxy.requests
        .filter(request => request.path === '/api/v1/events/batch/')
        .flatMap(request => eventsIn(request.headers['content-encoding'], request.body)),
    stored: () => readStored(url, form),
    cleanup: async () => {
      await proxy.close()
      server.kill('SIGTERM')
      await once(server, 'exit')
      repository.cleanup()
    },
  }
}

/** The Python edition takes the address of event batches from here, and must not start its daemon. */
function tellHome(home: string, url: string): void {
  mkdirSync(join(home, '.spec-kitty'), { recursive: true })
  const toml = `[sync]\nserver_url = "${url}"\nbackground_daemon = "manual"\n`
  writeFileSync(join(home, '.spec-kitty/config.toml'), toml)
}

function eventsIn(encoding: string | undefined, body: Buffer): readonly WireEvent[] {
  const text = encoding === 'gzip' ? gunzipSync(body) : body
  return (JSON.parse(String(text)) as { readonly events: readonly WireEvent[] }).events
}

/** Logs in as a second session of the same user and reads all pages. */
async function readStored(
  url: string,
  form: (path: string, fields: Readonly<Record<string, string>>) => Promise<Response>,
): Promise<readonly WireEvent[]> {
  const client = { client_id: 'cli_native' }
  const device = (await (await form('/oauth/device', client)).json()) as Readonly<
    Record<'user_code' | 'device_code', string>
  >
  await form('/device', {
    user_code: device.user_code,
    name: USER,
    password: PASSWORD,
    answer: 'approve',
  })
  const grant = { ...client, grant_type: 'urn:ietf:params:oauth:grant-type:device_code' }
  const tokens = await (await form('/oauth/token', { ...grant, device_code: device.device_code })).json()
  const headers = { authorization: `Bearer ${(tokens as { readonly access_token: string }).access_token}` }
  const all: WireEvent[] = []
  for (let after = 0; ; ) {
    const answer = await fetch(`${url}/api/v1/events/?after=${after}`, { headers })
    const page = (await answer.json()) as {
      readonly events: readonly { readonly event: WireEvent }[]
      readonly next: number
    }
    if (page.events.length === 0) return all
    all.push(...page.events.map(each => each.event))
    after = page.next
  }
}

/** The code that a device login shows. */
function userCode(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let shown = ''
    child.stdout?.on('data', chunk => {
      shown += String(chunk)
      const code = /Code:\s+(\S+)/.exec(shown)?.[1]
      if (code !== undefined) resolve(code)
    })
    child.stderr?.on('data', chunk => {
      shown += String(chunk)
    })
    child.on('close', status => reject(new Error(`no code shown (status ${status}): ${shown}`)))
  })
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [chunk] = (await once(child.stdout ?? child, 'data')) as [Buffer]
  return String(chunk).split('\n', 1)[0] ?? ''
}

function finished(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const read = { stdout: '', stderr: '' }
    child.stdout?.on('data', chunk => {
      read.stdout += String(chunk)
    })
    child.stderr?.on('data', chunk => {
      read.stderr += String(chunk)
    })
    child.on('error', reject)
    child.on('close', status => resolve({ status, ...read }))
  })
}

async function succeed(child: ChildProcess, input: string): Promise<void> {
  child.stdin?.end(`${input}\n`)
  const { status, stderr } = await finished(child)
  if (status !== 0) throw new Error(`status ${status}: ${stderr}`)
}
