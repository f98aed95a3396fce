/** A real server on a free port with a temporary data directory, for tests of clients and of the server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CLIENT_ID,
  DEVICE_GRANT,
  type DeviceAuthorization,
  type TokenResponse,
} from '@spec-kitty/contracts/wire/auth'
import { systemClock, systemRandom } from '../process.ts'
import { type RunningServer, startServer } from '../serve.ts'
import type { CompanySettings } from '../sync/company.ts'
import { addUser } from '../users.ts'

export const PASSWORD = 'correct horse battery'

export interface TestServer extends RunningServer {
  readonly data: string
  /** What the server logged. */
  readonly log: readonly Readonly<Record<string, string | number>>[]
  /** Adds a user with password `PASSWORD`; the private team is `private-<name>`. */
  readonly addUser: (name: string, teams?: readonly string[]) => Promise<void>
  /** Approves a device login as the user would on the page. */
  readonly approve: (userCode: string, name?: string, answer?: 'approve' | 'deny') => Promise<Response>
  /** A device login from start to end. */
  readonly login: (name?: string) => Promise<TokenResponse>
  /** A form as OAuth wants it. */
  readonly form: (path: string, fields: Readonly<Record<string, string>>) => Promise<Response>
  /** Moves the server's clock forward. */
  readonly pass: (ms: number) => void
  /** Stops the server and removes its data. */
  readonly cleanup: () => Promise<void>
}

/** With user `alice` from the start. `port` and `data` of an earlier server bring it back. */
export async function startTestServer(
  again: { readonly port?: number; readonly data?: string; readonly company?: CompanySettings } = {},
): Promise<TestServer> {
  const data = again.data ?? mkdtempSync(join(tmpdir(), 'spec-kitty-server-'))
  const log: Readonly<Record<string, string | number>>[] = []
  let ahead = 0
  const running = await startServer({
    data,
    host: '127.0.0.1',
    port: again.port ?? 0,
    company: again.company,
    log: line => void log.push(line),
    clock: { now: () => systemClock.now() + ahead },
  })
  const add = async (name: string, teams: readonly string[] = []): Promise<void> => {
    await addUser(running.store, systemRandom, { name, password: PASSWORD, teams, cost: 2 })
  }
  const form = (path: string, fields: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(running.url + path, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  const approve: TestServer['approve'] = (code, name = 'alice', answer = 'approve') =>
    form('/device', { user_code: code, name, password: PASSWORD, answer })
  if (again.data === undefined) await add('alice')
  return {
    ...running,
    data,
    log,
    addUser: add,
    form,
    approve,
    login: async (name = 'alice') => {
      const asked = await form('/oauth/device', { client_id: CLIENT_ID, scope: 'offline_access' })
      const device = (await asked.json()) as DeviceAuthorization
      await approve(device.user_code, name)
      const answered = await form('/oauth/token', {
        grant_type: DEVICE_GRANT,
        client_id: CLIENT_ID,
        device_code: device.device_code,
      })
      return (await answered.json()) as TokenResponse
    },
    pass: ms => {
      ahead += ms
    },
    cleanup: async () => {
      await running.close()
      rmSync(data, { recursive: true, force: true })
    },
  }
}
