/** `spec-kitty dashboard`: the board in a browser, kept by a process in the background. */
import { Dashboard } from '@spec-kitty/contracts/cli/dashboard'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { dashboardRegistry } from '@spec-kitty/core/dashboard/registry'
import { resolvePath } from '@spec-kitty/core/text/paths'
import type { Ports } from '@spec-kitty/core/world/ports'
import { count, defineCommand, missionFlag, type Session, text, toggle } from '../command.ts'
import { PROGRAM, SELF, WEB } from '../program.ts'

const program = { version: PROGRAM.version, web: WEB, self: SELF }

export const command = defineCommand({
  description:
    'Shows missions, boards, packages with their diffs, and the timeline in a browser, live; reviews and merges can be done there. Answers this machine alone. With --json it lists the missions and starts nothing.',
  examples: [
    'spec-kitty dashboard --open',
    'spec-kitty dashboard --read-only --port 9300',
    'spec-kitty dashboard --out board.html',
    'spec-kitty dashboard --kill',
  ],
  flags: {
    port: count('port, from 1 to 65535 (default: the first free one from 9237)', { value: 'PORT' }),
    open: toggle('open it in the browser'),
    kill: toggle('stop the one that runs'),
    readOnly: toggle('nothing can be changed from the browser'),
    host: text('address of this machine that others can reach; every request then needs the printed token', {
      value: 'HOST',
    }),
    foreground: toggle('stay in this terminal until Ctrl-C'),
    out: text('write the page with all it shows into one file, and start nothing', { value: 'FILE' }),
    mission: missionFlag,
  },
  writes: 'elsewhere',
  result: Dashboard,
  run: (ports, input, session) => run(ports, input, session),
  text: result => {
    if ('missions' in result) return ''
    if (result.result === 'written') return `Wrote ${result.path} (${Math.ceil(result.bytes / 1024)} KiB).`
    if (result.result === 'none') return 'No dashboard metadata found.'
    if (result.result === 'was_stopped') return 'Dashboard was already stopped. Metadata has been cleared.'
    if (!('url' in result)) return `Dashboard stopped and metadata cleared (port ${result.port}).`
    const { port, url, project_path: path } = result
    const how =
      result.result === 'already_running'
        ? `Dashboard already running on port ${port}`
        : `Started new dashboard instance on port ${port}`
    const end = result.result === 'foreground' ? 'Stop with Ctrl-C.' : 'Stop it: spec-kitty dashboard --kill'
    return `Project: ${path}\nURL: ${url}\n${how}\n${end}`
  },
})

interface Input {
  readonly port: number | undefined
  readonly open: boolean | undefined
  readonly kill: boolean | undefined
  readonly readOnly: boolean | undefined
  readonly host: string | undefined
  readonly foreground: boolean | undefined
  readonly out: string | undefined
  readonly mission: string | undefined
}

async function run(ports: Ports, input: Input, session: Session): Promise<Dashboard> {
  const { kill, out, foreground } = input
  // As 3.2.0: with --json alone this is a question, not a start.
  if (session.json && kill !== true && out === undefined && foreground !== true)
    return dashboardRegistry(ports)
  requirePort(input.port)
  const dashboard = await import('@spec-kitty/dashboard/run')
  const project = dashboard.dashboardProject(ports)
  if (kill === true) return await dashboard.stopRunning(ports, project)
  if (out !== undefined) {
    const path = resolvePath(ports.env.cwd, out)
    const content = await dashboard.pageOf(ports, project, program, input.mission)
    const { writeAtomic } = await import('@spec-kitty/host/write')
    writeAtomic(path, content)
    return { result: 'written', path, bytes: new TextEncoder().encode(content).length }
  }
  if (foreground !== true) {
    const answer = await dashboard.startInBackground(ports, project, input, program)
    if (input.open === true) await openBrowser(answer)
    return answer
  }
  const { onStopSignal } = await import('@spec-kitty/server/process')
  let stop = (): void => {}
  const ended = new Promise<void>(resolve => {
    stop = resolve
  })
  const life = { stop: () => stop(), acted: session.settle }
  const { answer, close } = await dashboard.startHere(ports, project, input, program, life)
  onStopSignal(() => stop())
  session.stayUntil(ended.then(close))
  if (input.open === true) await openBrowser(answer)
  return answer
}

function requirePort(port: number | undefined): void {
  if (port === undefined || (port >= 1 && port <= 65_535)) return
  throw new KittyError('invalid_input', 'Invalid port specified. Use a value between 1 and 65535.', {
    hint: sh`Leave --port out to take the first free one`,
    data: { port },
  })
}

async function openBrowser(answer: Dashboard): Promise<void> {
  if (!('url' in answer)) return
  const { openInBrowser } = await import('@spec-kitty/host/shell')
  await openInBrowser(answer.url)
}
