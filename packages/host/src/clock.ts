/** The wall clock. */
import { formatMicros } from '@spec-kitty/contracts/time'
import type { Clock } from '@spec-kitty/core/world/ports'

/** Milliseconds of the wall clock, for ids. */
export function millisNow(): number {
  return Date.now()
}

/** Milliseconds of the monotonic clock. `performance` would do, but Node loads 1 ms of code for its first use. */
function monotonicMs(): number {
  const [seconds, nanos] = process.hrtime()
  return seconds * 1000 + nanos / 1e6
}

export function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/** Answers true once `ms` have passed. */
export function deadline(ms: number): () => boolean {
  const end = monotonicMs() + ms
  return () => monotonicMs() >= end
}

/** A clock that never answers the same instant twice and never goes back within a process. */
export function createClock(): Clock {
  let last = 0
  return {
    now: () => {
      // Date gives milliseconds that follow corrections of the system clock; the monotonic clock gives the digits below.
      const below = Math.floor(monotonicMs() * 1000) % 1000
      last = Math.max(last + 1, Date.now() * 1000 + below)
      return formatMicros(last)
    },
    sleep: pause,
  }
}

/** Milliseconds since this call, by the monotonic clock. */
export function startStopwatch(): () => number {
  const start = monotonicMs()
  return () => monotonicMs() - start
}
