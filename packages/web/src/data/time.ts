/** Times as people say them. */

import { signal } from '@preact/signals'
import { parseMillis } from '@spec-kitty/contracts/time'
import { snapshot } from './snapshot.ts'
import { now } from './world.ts'

/** The time that ages are counted to: the present, for a saved page the moment when it was saved. */
export const present = signal(snapshot === undefined ? now() : (parseMillis(snapshot.taken_at) ?? now()))

export function startClock(): void {
  if (snapshot === undefined)
    setInterval(() => {
      present.value = now()
    }, 30_000)
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
] as const

/** `3d`, `2h`, `5m`, `now`; empty for what is no time. */
export function age(stamp: string | null | undefined): string {
  const at = parseMillis(stamp ?? '')
  if (at === undefined) return ''
  const seconds = (present.value - at) / 1000
  const unit = UNITS.find(([, size]) => seconds >= size)
  return unit === undefined ? 'now' : `${Math.floor(seconds / unit[1])}${unit[0]}`
}

/** `for 5m`, `since just now`; empty for what is no time. */
export function lasting(stamp: string | null | undefined): string {
  const said = age(stamp)
  return said === '' ? '' : said === 'now' ? 'since just now' : `for ${said}`
}

const format = (options: Intl.DateTimeFormatOptions) => {
  const made = new Intl.DateTimeFormat(undefined, options)
  return (stamp: string | null | undefined): string => {
    const at = parseMillis(stamp ?? '')
    return at === undefined ? '' : made.format(at)
  }
}

export const moment = format({ dateStyle: 'medium', timeStyle: 'short' })
export const day = format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
export const clock = format({ hour: '2-digit', minute: '2-digit' })
