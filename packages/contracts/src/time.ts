/** Time stamps of the event log: UTC, microseconds, `+00:00` (docs/log.md). */

/** `micros` since the Unix epoch as `YYYY-MM-DDTHH:MM:SS.ffffff+00:00`. */
export function formatMicros(micros: number): string {
  const millis = Math.floor(micros / 1000)
  const rest = micros - millis * 1000
  // The constructor with an argument is a calendar computation, not a clock reading.
  // biome-ignore lint/style/noRestrictedGlobals: converts a given instant
  const iso = new Date(millis).toISOString()
  return `${iso.slice(0, 23)}${String(rest).padStart(3, '0')}+00:00`
}

/** Seconds form of activity lines and review cycles: `YYYY-MM-DDTHH:MM:SSZ`. */
export function toSeconds(stamp: string): string {
  return `${stamp.slice(0, 19)}Z`
}

/** Milliseconds since the epoch of any ISO time stamp, or undefined when it is not one. */
export function parseMillis(stamp: string): number | undefined {
  // biome-ignore lint/style/noRestrictedGlobals: parses a given text
  const millis = Date.parse(stamp)
  return Number.isNaN(millis) ? undefined : millis
}

/** The stamp `steps` microseconds after `stamp`: consecutive events of one command stay ordered. */
export function plusMicros(stamp: string, steps: number): string {
  const millis = parseMillis(`${stamp.slice(0, 19)}Z`) ?? 0
  const fraction = /\.(\d{1,6})/.exec(stamp)?.[1] ?? ''
  const micros = Number(fraction.padEnd(6, '0'))
  return formatMicros(millis * 1000 + micros + steps)
}
