/** What the scripts share: the repository root, a directory walk, running a program. No dependencies. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Absolute paths of the files below a directory, sorted; none when it is missing. */
export function filesBelow(directory) {
  if (!existsSync(directory)) return []
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

/** One hash over names and contents: equal when nothing that matters changed. */
export function fingerprint(paths) {
  const hash = createHash('sha256')
  for (const path of paths)
    hash.update(relative(root, path)).update('\0').update(readFileSync(path)).update('\0')
  return hash.digest('hex')
}

/**
 * A new directory for what tests make, in memory where there is room: they make thousands of repositories, and a disk makes
 * each write wait.
 */
export function makeScratch(prefix) {
  const path = mkdtempSync(join(inMemory('/dev/shm') ? '/dev/shm' : tmpdir(), prefix))
  // As the folder of temporary files is: a database that a test starts runs as another user.
  chmodSync(path, 0o755)
  return path
}

function inMemory(directory) {
  try {
    accessSync(directory, constants.W_OK)
    const { bavail, bsize } = statfsSync(directory)
    return bavail * bsize > 4e9
  } catch {
    return false
  }
}

/**
 * Runs a program in the repository root. `show` lets it write to this terminal; otherwise its output is
 * collected. Resolves with `{status, output}`; status 127 when it cannot be started.
 */
export function run(program, args, { show = false, env = process.env, cwd = root } = {}) {
  return new Promise(resolve => {
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    })
    let output = ''
    const collect = chunk => {
      output += chunk
    }
    child.stdout?.setEncoding('utf8').on('data', collect)
    child.stderr?.setEncoding('utf8').on('data', collect)
    child.on('error', error => resolve({ status: 127, output: `${program}: ${error.message}\n` }))
    child.on('close', status => resolve({ status: status ?? 1, output }))
  })
}

/** Installs the dependencies when they are missing or older than the lock file. Returns false when npm failed. */
export async function installIfNeeded() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  const wanted = statSync(join(root, 'package-lock.json')).mtimeMs
  if (existsSync(installed) && statSync(installed).mtimeMs >= wanted) return true
  // Not `npm ci`: it refuses a lock file without the packages of platforms that the registry at hand does not carry.
  process.stdout.write('Installing dependencies (npm install) …\n')
  const { status, output } = await run('npm', [
    'install',
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ])
  if (status !== 0) process.stderr.write(output)
  return status === 0
}
