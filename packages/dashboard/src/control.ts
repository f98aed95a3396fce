/**
 * `.kittify/.dashboard`: how a running dashboard is found again, by both editions: address, port, token, process id, a
 * line each. Its owner alone can read it.
 */
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'

export interface Control {
  readonly url: string
  readonly port: number
  readonly token: string
  readonly pid: number
}

/** Undefined where there is none, or one that nobody can understand. */
export function readControl(root: string): Control | undefined {
  try {
    const [url = '', port, token = '', pid] = readFileSync(controlPath(root), 'utf8').split(/\r?\n/)
    const control = { url, port: Number(port), token, pid: Number(pid) }
    const sound = /^http:\/\//.test(url) && control.port > 0 && /^[0-9a-f]{16,}$/.test(token)
    return sound && Number.isInteger(control.pid) ? control : undefined
  } catch {
    return undefined
  }
}

/** Put in place whole; what lay there, a link too, is replaced and never followed. Throws `io_failed`. */
export function writeControl(root: string, { url, port, token, pid }: Control): void {
  const path = controlPath(root)
  const temporary = `${path}.${pid}`
  try {
    mkdirSync(join(root, '.kittify'), { recursive: true })
    if (!lstatSync(join(root, '.kittify')).isDirectory()) throw new Error('.kittify is no directory')
    rmSync(temporary, { force: true })
    writeFileSync(temporary, `${url}\n${port}\n${token}\n${pid}\n`, { mode: 0o600, flag: 'wx' })
    renameSync(temporary, path)
  } catch (cause) {
    throw new KittyError(
      'io_failed',
      `Cannot write ${path}: ${cause instanceof Error ? cause.message : ''}`,
      {
        hint: sh`Make it writable: ls -ld ${join(root, '.kittify')}`,
        cause,
      },
    )
  }
}

/** Takes the file away where it is still that of `token`. */
export function removeControl(root: string, token: string): void {
  if (readControl(root)?.token === token) rmSync(controlPath(root), { force: true })
}

/** Whatever it holds. */
export function forgetControl(root: string): void {
  rmSync(controlPath(root), { force: true })
}

export function hasControl(root: string): boolean {
  return lstatSync(controlPath(root), { throwIfNoEntry: false }) !== undefined
}

function controlPath(root: string): string {
  return join(root, '.kittify', '.dashboard')
}
