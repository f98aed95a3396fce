/** A real PostgreSQL in a throw-away directory, for tests; `skip` says why there is none. */
import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

export interface TestPostgres {
  /** Address of a new, empty database. */
  readonly fresh: () => string
  /** Ends the server as a power cut would, or starts it again. */
  readonly stop: () => void
  readonly start: () => void
  /** Stops the server and removes everything. */
  readonly cleanup: () => void
}

const PLACES = '/usr/lib/postgresql'
const AS_POSTGRES = ['--reuid=postgres', '--regid=postgres', '--clear-groups'] as const

/** Directory of the server's programs; undefined where there is no PostgreSQL. */
function findPrograms(): string | undefined {
  const versions = existsSync(PLACES)
    ? readdirSync(PLACES)
        .map(Number)
        .sort((a, b) => b - a)
    : []
  return [...versions.map(version => `${PLACES}/${version}/bin`), '/usr/local/bin', '/opt/homebrew/bin'].find(
    bin => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'pg_ctl')),
  )
}

/** Why tests with PostgreSQL are skipped; false where they can run. */
export const skip: string | false = reasonToSkip()

function reasonToSkip(): string | false {
  if (findPrograms() === undefined) return `no PostgreSQL: no initdb below ${PLACES}`
  if (userInfo().uid !== 0) return false
  try {
    execFileSync('setpriv', [...AS_POSTGRES, 'true'])
    return false
  } catch {
    return 'PostgreSQL does not run as root, and there is no user postgres to run it as'
  }
}

/** Starts one on a free port of loopback. Takes about a second. */
export async function startPostgres(): Promise<TestPostgres> {
  const bin = findPrograms() ?? ''
  const home = mkdtempSync(join(tmpdir(), 'spec-kitty-postgres-'))
  const root = userInfo().uid === 0
  const run = (program: string, ...words: readonly string[]): void => {
    const command = [join(bin, program), ...words]
    const [name = '', ...rest] = root ? ['setpriv', ...AS_POSTGRES, ...command] : command
    execFileSync(name, rest, { stdio: 'ignore', cwd: home })
  }
  if (root) {
    const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
    chownSync(home, id('-u'), id('-g'))
  }
  const data = join(home, 'data')
  const port = await freePort()
  run('initdb', '-D', data, '-U', 'sk', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync')
  const start = (): void =>
    run(
      'pg_ctl',
      ...['-D', data, '-w', '-t', '30', '-l', join(home, 'log'), 'start', '-o'],
      `-c listen_addresses=127.0.0.1 -p ${port} -k ${home} -c max_connections=200 -c fsync=off -c shared_buffers=32MB`,
    )
  const stop = (): void => run('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop')
  start()
  let databases = 0
  return {
    fresh: () => {
      const name = `t${++databases}`
      run('createdb', '-h', '127.0.0.1', '-p', String(port), '-U', 'sk', name)
      return `postgres://sk@127.0.0.1:${port}/${name}`
    },
    start,
    stop,
    cleanup: () => {
      try {
        stop()
      } catch {
        // It is stopped already.
      }
      rmSync(home, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}
