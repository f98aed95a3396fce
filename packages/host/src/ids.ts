/** Random identifiers. */
import { closeSync, openSync, readSync } from 'node:fs'
import { encodeUlid } from '@spec-kitty/contracts/ids'
import type { Ids } from '@spec-kitty/core/world/ports'
import { millisNow } from './clock.ts'

/** That many random bytes. */
export type Randomness = (length: number) => Uint8Array

/** ULIDs that only grow within a process, also when the clock stands still or is set back. */
export function createIds(millis: () => number = millisNow, random: Randomness = secureBytes): Ids {
  let time = 0
  let tail: Uint8Array = new Uint8Array(10)
  return {
    ulid: () => {
      const now = millis()
      if (now > time) {
        time = now
        tail = random(10)
      } else {
        tail = successor(tail)
      }
      return encodeUlid(time, tail)
    },
    hex: digits =>
      Buffer.from(random(Math.ceil(digits / 2)))
        .toString('hex')
        .slice(0, digits),
  }
}

/**
 * From the kernel's own source where the system has it: loading node:crypto costs 3 ms, a sixth of what Node
 * itself needs to start, and a transition draws one id.
 */
function secureBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  try {
    const fd = openSync('/dev/urandom', 'r')
    try {
      if (readSync(fd, bytes, 0, length, null) === length) return bytes
    } finally {
      closeSync(fd)
    }
  } catch {
    // No such device here: the library knows what to ask instead.
  }
  return process.getBuiltinModule('node:crypto').randomBytes(length)
}

function successor(bytes: Uint8Array): Uint8Array {
  const next = Uint8Array.from(bytes)
  for (let i = next.length - 1; i >= 0; i--) {
    const value = ((next[i] ?? 0) + 1) & 0xff
    next[i] = value
    if (value !== 0) break
  }
  return next
}
