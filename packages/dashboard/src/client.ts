/** Asks a dashboard that may run already. */
import { request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { isObject, parseJson } from '@spec-kitty/contracts/json'
import type { Control } from './control.ts'

const PATIENCE_MS = 2_000

/** True when the control file speaks of a dashboard of this very project that answers. */
export async function isRunning(root: string, control: Control): Promise<boolean> {
  const health = await ask(control, `/api/health?token=${control.token}`)
  return health?.status === 'ok' && health.project_path === root && health.token === control.token
}

/** Asks it to end; true when it will. */
export async function shutDown(control: Control): Promise<boolean> {
  return (await ask(control, `/api/shutdown?token=${control.token}`))?.status === 'stopping'
}

/** An address of this machine, whatever the file says: who was sent a repository with such a file is sent nowhere. */
function addressOf({ url }: Control): string {
  const host = URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : ''
  const own = Object.values(networkInterfaces()).some(list => list?.some(({ address }) => address === host))
  return own || /^127\.\d+\.\d+\.\d+$/.test(host) ? host : '127.0.0.1'
}

/** The JSON object that it answers; undefined for anything else. */
function ask(control: Control, path: string) {
  const { port, token } = control
  return new Promise<ReturnType<typeof objectOf>>(resolve => {
    const asked = request(
      {
        host: addressOf(control),
        port,
        path,
        timeout: PATIENCE_MS,
        headers: { authorization: `Bearer ${token}` },
      },
      response => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
          if (text.length > 100_000) response.destroy()
        })
        response.on('close', () => resolve(objectOf(text)))
      },
    )
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(undefined))
    asked.end()
  })
}

function objectOf(text: string) {
  try {
    const value = parseJson(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
