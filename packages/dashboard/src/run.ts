/** Starting, finding and stopping the dashboard of a project. */
import { isIP } from 'node:net'
import type { Dashboard as Answer } from '@spec-kitty/contracts/cli/dashboard'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { locateProject, type Project, requireKittify } from '@spec-kitty/core/repo/project/locate'
import type { Ports } from '@spec-kitty/core/world/ports'
import { startProcess } from '@spec-kitty/host/shell'
import { sweepOften } from '@spec-kitty/host/v8'
import { readAssets } from './assets.ts'
import { isRunning, shutDown } from './client.ts'
import {
  type Control,
  forgetControl,
  hasControl,
  readControl,
  removeControl,
  writeControl,
} from './control.ts'
import type { Keys } from './guard.ts'
import { pageFile } from './out.ts'
import { siteOf } from './routes.ts'
import { type Dashboard, requireFree, startDashboard } from './server.ts'
import { takeSnapshot } from './snapshot.ts'

export interface RunInput {
  readonly port?: number | undefined
  readonly host?: string | undefined
  readonly readOnly?: boolean | undefined
}

/** Of the program: where the built page lies, and the words that start it. */
export interface Program {
  readonly version: string
  readonly web: string
  readonly self: readonly string[]
}

/** What 3.2.0 takes first, and how many it tries. */
const FIRST_PORT = 9237
const PORTS = 100
/** MiB of young memory, for a server that rests most of the time: a sixth less in all, at the same speed. */
const NODE_FLAGS = ['--max-semi-space-size=4']
const START_MS = 20_000
const STEP_MS = 25
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1'])

/** Throws `not_a_repository`, `no_project`. */
export function dashboardProject(ports: Ports): Project {
  const project = locateProject(ports)
  requireKittify(ports, project)
  return project
}

/** Starts it in the background, or finds the one that runs. */
export async function startInBackground(
  ports: Ports,
  project: Project,
  input: RunInput,
  { self }: Program,
): Promise<Answer> {
  requireAddress(input.host)
  const running = readControl(project.root)
  if (running !== undefined && (await isRunning(project.root, running)))
    return answerOf('already_running', project, running)
  const [program = '', ...script] = self
  // A single-file program is no Node.
  const words = script.length > 0 ? [...NODE_FLAGS, ...script] : []
  const flags = [
    ...(input.port === undefined ? [] : ['--port', String(input.port)]),
    ...(input.host === undefined ? [] : ['--host', input.host]),
    ...(input.readOnly === true ? ['--read-only'] : []),
  ]
  // Refused here, where somebody reads it, and not in the background.
  if (input.port !== undefined) await requireFree(input.port, input.host ?? '127.0.0.1')
  forgetControl(project.root)
  await startProcess(program, [...words, 'dashboard', '--foreground', ...flags], project.root)
  for (let waited = 0; waited < START_MS; waited += STEP_MS) {
    await ports.clock.sleep(STEP_MS)
    const control = readControl(project.root)
    if (control !== undefined && (await isRunning(project.root, control)))
      return answerOf('started', project, control)
  }
  throw new KittyError('io_failed', 'The dashboard did not start within 20 seconds', {
    hint: sh`See why: spec-kitty dashboard --foreground`,
  })
}

/** Starts it in this process. `stop` is called when somebody else ends it, `acted` after every act. */
export async function startHere(
  ports: Ports,
  project: Project,
  input: RunInput,
  program: Program,
  { stop, acted }: Pick<Options, 'stop' | 'acted'>,
): Promise<{ readonly answer: Answer; readonly close: () => Promise<void> }> {
  requireAddress(input.host)
  sweepOften()
  const keys: Keys = { token: ports.ids.hex(32), cookie: ports.ids.hex(32), request: ports.ids.hex(32) }
  const pid = ports.env.pid
  const options = {
    project,
    version: program.version,
    user: await userName(ports, project),
    host: input.host === undefined || LOOPBACK.has(input.host) ? undefined : input.host,
    readOnly: input.readOnly ?? false,
    assets: readAssets(program.web),
    keys,
    // Somebody else's control file, or none: nobody could find or stop this one any more.
    tick: () => {
      if (readControl(project.root)?.token !== keys.token) stop()
    },
    stop,
    acted,
  }
  const running = await firstFree(ports, options, input.port)
  const control = { url: running.url, port: running.port, token: keys.token, pid }
  writeControl(project.root, control)
  return {
    answer: answerOf('foreground', project, control),
    close: async () => {
      removeControl(project.root, keys.token)
      await running.close()
    },
  }
}

/** A name could come to mean another machine: browsers are to name the very address. */
function requireAddress(host: string | undefined): void {
  if (host === undefined || host === 'localhost' || isIP(host) !== 0) return
  throw new KittyError('invalid_input', `--host ${host} is no address of this machine`, {
    hint: sh`Give its number, such as 192.168.1.10; 0.0.0.0 stands for all of them`,
    data: { host },
  })
}

/** Ends the one that runs. Nobody is killed by number: the number may be somebody else's by now. */
export async function stopRunning(ports: Ports, project: Project): Promise<Answer> {
  const { root } = project
  const control = readControl(root)
  if (control === undefined) {
    const had = hasControl(root)
    forgetControl(root)
    return { result: had ? 'was_stopped' : 'none', port: null }
  }
  const stopped = await shutDown(control)
  for (let waited = 0; stopped && waited < START_MS && (await isRunning(root, control)); waited += STEP_MS)
    await ports.clock.sleep(STEP_MS)
  removeControl(root, control.token)
  return { result: stopped ? 'stopped' : 'was_stopped', port: control.port }
}

/** The page as one file. */
export async function pageOf(
  ports: Ports,
  project: Project,
  program: Program,
  mission: string | undefined,
): Promise<string> {
  const actor = { user: await userName(ports, project), version: program.version }
  const site = siteOf(ports, project, actor)
  return pageFile(readAssets(program.web), await takeSnapshot(site, mission))
}

type Options = Omit<Parameters<typeof startDashboard>[1], 'port'>

/** The port that was asked for, else the first free one; other people's dashboards are left alone. */
async function firstFree(ports: Ports, options: Options, port: number | undefined): Promise<Dashboard> {
  if (port !== undefined) return await startDashboard(ports, { ...options, port })
  for (let next = FIRST_PORT; next < FIRST_PORT + PORTS; next++) {
    try {
      return await startDashboard(ports, { ...options, port: next })
    } catch (error) {
      if (!(error instanceof KittyError) || error.code !== 'io_failed') throw error
    }
  }
  return await startDashboard(ports, { ...options, port: 0 })
}

function answerOf(
  result: 'started' | 'already_running' | 'foreground',
  project: Project,
  { url, port, token, pid }: Control,
): Answer {
  return { result, url: `${url}/?token=${token}`, port, pid, project_path: project.root }
}

async function userName(ports: Ports, project: Project): Promise<string> {
  const [name] = await ports.git.config(project.top, ['user.name'])
  return name ?? 'user'
}
