/** Random identifiers. */
import { encodeUlid } from '@spec-kitty/contracts/ids'
import type { Ids } from '@spec-kitty/core/ports'
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

function secureBytes(length: number): Uint8Array {
  // Loaded when the first id is drawn: reading commands draw none.
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
