/**
 * The login of this machine: `auth/session.json`, sealed exactly as the Python edition seals it so that both share
 * one login (docs/sync.md). The seal hides tokens from a glance and from backups that leave the salt behind; what
 * protects them is the mode of the files.
 */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { KittyError } from '@spec-kitty/contracts/errors'
import { isObject, parseJson } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import type { PrivateFiles, Secrets } from '@spec-kitty/core/world/sync-ports'
import { ioFailed, isAbsent } from './fault.ts'

type Crypto = typeof import('node:crypto')

const TAG_BYTES = 16

/** `hex` draws random digits. */
export function createSecrets(
  directory: string,
  store: PrivateFiles,
  hex: (digits: number) => string,
  identity: string = machineIdentity(),
): Secrets {
  const session = join(directory, 'session.json')
  const salt = join(directory, 'session.salt')
  const cache = join(directory, 'session.key')
  const key = (saltBytes: Buffer) => deriveKey(cache, saltBytes, identity, store)
  return {
    read: () => {
      const sealed = readPrivate(session)
      const saltBytes = sealed === undefined ? undefined : readPrivate(salt)
      if (sealed === undefined) return undefined
      if (saltBytes === undefined) throw unreadable(session, 'its salt file is missing')
      return open(session, sealed.toString('utf8'), key(saltBytes))
    },
    write: plain => {
      let saltBytes = readPrivate(salt)
      if (saltBytes?.length !== 16) {
        saltBytes = Buffer.from(hex(32), 'hex')
        store.replace(salt, saltBytes)
      }
      store.replace(session, seal(plain, key(saltBytes), Buffer.from(hex(24), 'hex')))
    },
    remove: () => {
      for (const path of [session, salt, cache, join(directory, 'session.hot-path.json')]) store.remove(path)
    },
  }
}

function machineIdentity(): string {
  return `${hostname()}:${process.getuid?.() ?? 0}`
}

function crypto(): Crypto {
  return createRequire(import.meta.url)('node:crypto')
}

/** scrypt costs 40 ms and its input is public on this machine, so the key is kept beside the salt it belongs to. */
function deriveKey(cache: string, salt: Buffer, identity: string, store: PrivateFiles): Buffer {
  const { createHash, scryptSync } = crypto()
  const name = createHash('sha256').update(salt).update(identity).digest('hex')
  const kept = readPrivate(cache)?.toString('utf8').split('\n') ?? []
  if (kept[0] === name && /^[0-9a-f]{64}$/.test(kept[1] ?? '')) return Buffer.from(kept[1] ?? '', 'hex')
  const key = scryptSync(identity, salt, 32, { N: 16384, r: 8, p: 1, maxmem: 64 * 1024 * 1024 })
  try {
    store.replace(cache, `${name}\n${key.toString('hex')}\n`)
  } catch {
    // A read-only home: the key is computed each time.
  }
  return key
}

function open(path: string, text: string, key: Buffer): string {
  try {
    const file: unknown = parseJson(text)
    if (!isObject(file) || typeof file.nonce !== 'string' || typeof file.ciphertext !== 'string')
      throw unreadable(path, 'it is not a session file')
    const sealed = Buffer.from(file.ciphertext, 'hex')
    const decipher = crypto().createDecipheriv('aes-256-gcm', key, Buffer.from(file.nonce, 'hex'))
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    return decipher.update(sealed.subarray(0, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  } catch (cause) {
    if (cause instanceof KittyError) throw cause
    throw unreadable(path, 'it was sealed on another machine or is damaged', cause)
  }
}

function seal(plain: string, key: Buffer, nonce: Buffer): string {
  const cipher = crypto().createCipheriv('aes-256-gcm', key, nonce)
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return JSON.stringify({ version: 2, nonce: nonce.toString('hex'), ciphertext: sealed.toString('hex') })
}

/** Bytes of a file that nobody but its owner can read; refuses others, as the Python edition does. */
function readPrivate(path: string): Buffer | undefined {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (cause) {
    if (isAbsent(cause)) return undefined
    throw ioFailed('read', path, cause)
  }
  try {
    const mode = fstatSync(fd).mode & 0o077
    if (mode !== 0 && process.platform !== 'win32')
      throw new KittyError('session_unreadable', `${path} can be read by others, so it is not used`, {
        hint: sh`chmod 600 ${path}`,
      })
    return readFileSync(fd)
  } finally {
    closeSync(fd)
  }
}

function unreadable(path: string, why: string, cause?: unknown): KittyError {
  return new KittyError('session_unreadable', `Cannot read the login in ${path}: ${why}`, {
    hint: sh`Log in again: spec-kitty auth login --force`,
    cause,
  })
}
