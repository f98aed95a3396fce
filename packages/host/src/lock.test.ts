import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLocks } from './lock.ts'

let dir: string
let path: string
const children: ChildProcess[] = []
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'spec-kitty-lock-'))
  path = join(dir, 'locks', 'x.lock')
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

/** Starts a program that prints a line when it holds the lock and then waits. */
function holder(command: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  return new Promise((resolve, reject) => {
    child.stdout.once('data', () => resolve(child))
    child.once('exit', code => reject(new Error(`the holder ended with ${code}`)))
  })
}

const FLOCK = `const koffi = require(process.argv[2]); const fs = require('fs')
fs.mkdirSync(require('path').dirname(process.argv[1]), { recursive: true })
const fd = fs.openSync(process.argv[1], 'a+'); koffi.load(null).func('int flock(int, int)')(fd, 2)
fs.writeFileSync(process.argv[1], String(process.pid)); console.log('held'); setInterval(() => {}, 1000)`

function nodeHolder(): Promise<ChildProcess> {
  return holder(process.execPath, ['-e', FLOCK, path, createRequire(import.meta.url).resolve('koffi')])
}

describe('flock', () => {
  test('another process is excluded and told who holds it', async () => {
    const child = await nodeHolder()
    const attempt = createLocks().acquire(path, 60)
    await expect(attempt).rejects.toMatchObject({ code: 'lock_busy', data: { holder_pid: child.pid } })
  })

  test('the lock of a killed process is free at once, and waiting ends as soon as it is', async () => {
    const child = await nodeHolder()
    const waiting = createLocks().acquire(path, 10_000)
    child.kill('SIGKILL')
    const lock = await waiting
    expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`)
    lock.release()
    expect(readFileSync(path, 'utf8')).toBe('')
  })

  test('two flows of one process exclude each other; releasing twice is once', async () => {
    const locks = createLocks()
    const first = await locks.acquire(path, 0)
    await expect(locks.acquire(path, 1000)).rejects.toThrow(/waited 1 s/)
    first.release()
    const second = await locks.acquire(path, 0)
    first.release()
    await expect(locks.acquire(path, 0)).rejects.toMatchObject({ code: 'lock_busy' })
    second.release()
  })

  test('a lock file that was removed while we waited is taken anew', async () => {
    const child = await nodeHolder()
    const waiting = createLocks().acquire(path, 10_000)
    unlinkSync(path)
    const lock = await waiting
    await expect(createLocks().acquire(path, 0)).rejects.toMatchObject({ code: 'lock_busy' })
    lock.release()
    child.kill('SIGKILL')
  })

  test('a lock on a file that was replaced under us excludes nobody: the new file is locked', async () => {
    let tries = 0
    const flock = {
      tryLock: () => {
        if (++tries === 1) {
          writeFileSync(`${path}.other`, '')
          renameSync(`${path}.other`, path)
        }
        return true
      },
    }
    const lock = await createLocks(() => flock).acquire(path, 5_000)
    expect(tries).toBe(2)
    expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`)
    lock.release()
  })

  test('without flock a lock just taken outlives those who saw its dead holder', async () => {
    const locks = () => createLocks(() => undefined)
    ;(await locks().acquire(path, 0)).release()
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    writeFileSync(`${path}.held`, `${dead}\n`)
    // Somebody else is clearing it away in this very moment: nobody else does.
    writeFileSync(`${path}.held.clearing`, `${process.pid}\n`)
    await expect(locks().acquire(path, 50)).rejects.toMatchObject({ code: 'lock_busy' })
    expect(readFileSync(`${path}.held`, 'utf8')).toBe(`${dead}\n`)
    writeFileSync(`${path}.held.clearing`, `${dead}\n`)
    const lock = await locks().acquire(path, 5_000)
    await expect(locks().acquire(path, 50)).rejects.toMatchObject({ code: 'lock_busy' })
    lock.release()
  })

  test('a lock that cannot be made is io_failed', async () => {
    writeFileSync(join(dir, 'file'), '')
    await expect(createLocks().acquire(join(dir, 'file', 'x.lock'), 0)).rejects.toMatchObject({
      code: 'io_failed',
    })
  })
})

describe('without flock', () => {
  const locks = () => createLocks(() => undefined)

  test('a file excludes, and goes away', async () => {
    const lock = await locks().acquire(path, 0)
    await expect(locks().acquire(path, 30)).rejects.toMatchObject({
      code: 'lock_busy',
      data: { holder_pid: process.pid },
    })
    lock.release()
    ;(await locks().acquire(path, 0)).release()
  })

  test('the file of a dead process is taken over', async () => {
    ;(await locks().acquire(path, 0)).release()
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    writeFileSync(`${path}.held`, `${dead}\n`)
    ;(await locks().acquire(path, 1000)).release()
  })
})

/* The Python edition locks with the library `filelock`. */

function python(): { readonly command: string } | { readonly reason: string } {
  const cached = join(tmpdir(), 'spec-kitty-filelock-venv')
  const own = join(cached, 'bin/python')
  const works = (command: string) => spawnSync(command, ['-c', 'import filelock']).status === 0
  for (const command of ['python3', own]) if (works(command)) return { command }
  if (spawnSync('python3', ['--version']).status !== 0) return { reason: 'there is no python3' }
  try {
    execFileSync('python3', ['-m', 'venv', cached], { stdio: 'ignore', timeout: 30_000 })
    execFileSync(own, ['-m', 'pip', 'install', '-q', '--retries', '0', 'filelock'], {
      stdio: 'ignore',
      timeout: 30_000,
    })
  } catch {
    return { reason: 'python3 has no filelock and pip could not install it' }
  }
  return works(own) ? { command: own } : { reason: 'filelock was installed but does not load' }
}

const found = python()
const title =
  'reason' in found ? `with Python's filelock (skipped: ${found.reason})` : "with Python's filelock"

describe.skipIf('reason' in found)(title, () => {
  const command = 'command' in found ? found.command : ''
  const HOLD = `import sys, time, os, filelock
os.makedirs(os.path.dirname(sys.argv[1]), exist_ok=True)
lock = filelock.FileLock(sys.argv[1]); lock.acquire(); print('held', flush=True); time.sleep(60)`
  const TRY = `import sys, filelock
try:
    filelock.FileLock(sys.argv[1], timeout=0).acquire(); print('got')
except filelock.Timeout: print('busy')`
  const tryIt = () => execFileSync(command, ['-c', TRY, path], { encoding: 'utf8' }).trim()

  test('it excludes us', async () => {
    const child = await holder(command, ['-c', HOLD, path])
    await expect(createLocks().acquire(path, 0)).rejects.toMatchObject({ code: 'lock_busy' })
    child.kill('SIGKILL')
    ;(await createLocks().acquire(path, 5000)).release()
  })

  test('we exclude it', async () => {
    const lock = await createLocks().acquire(path, 0)
    expect(tryIt()).toBe('busy')
    lock.release()
    expect(tryIt()).toBe('got')
  })
})
