/** A PostgreSQL of its own for a measurement, with its usual settings, on a free port of loopback. */
import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

const PLACES = '/usr/lib/postgresql'

/** Answers `url()` for a new database and `end()`; undefined where there is no PostgreSQL. */
export async function startPostgres() {
  const versions = existsSync(PLACES) ? readdirSync(PLACES).sort((a, b) => b - a) : []
  const bin = versions
    .map(version => join(PLACES, version, 'bin'))
    .find(path => existsSync(join(path, 'initdb')))
  if (bin === undefined) return undefined
  const home = mkdtempSync(join(tmpdir(), 'spec-kitty-load-postgres-'))
  const root = userInfo().uid === 0
  const run = (program, ...words) => {
    const command = [join(bin, program), ...words]
    const [name, ...rest] = root
      ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', ...command]
      : command
    execFileSync(name, rest, { stdio: 'ignore', cwd: home })
  }
  if (root) {
    const id = flag => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
    chownSync(home, id('-u'), id('-g'))
  }
  const port = await freePort()
  const data = join(home, 'data')
  run('initdb', '-D', data, '-U', 'sk', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8')
  const settings = `-c listen_addresses=127.0.0.1 -p ${port} -k ${home}`
  run('pg_ctl', '-D', data, '-w', '-l', join(home, 'log'), '-o', settings, 'start')
  let databases = 0
  return {
    url: () => {
      const name = `load${++databases}`
      run('createdb', '-h', '127.0.0.1', '-p', String(port), '-U', 'sk', name)
      return `postgres://sk@127.0.0.1:${port}/${name}`
    },
    end: () => {
      run('pg_ctl', '-D', data, '-m', 'fast', '-w', 'stop')
      rmSync(home, { recursive: true, force: true })
    },
  }
}

async function freePort() {
  const server = createServer()
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return port
}
