/** Identifiers: ULID, mid8, work package ids (docs/formats.md). Branded types are made only here. */

export type MissionId = string & { readonly brand: 'MissionId' }
export type WpId = string & { readonly brand: 'WpId' }
export type Sha = string & { readonly brand: 'Sha' }

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/

export function isUlid(text: string): boolean {
  return ULID.test(text)
}

/** First eight characters of a mission id: the tail of the directory and branch names. */
export function mid8(id: string): string {
  return id.slice(0, 8)
}

/** A ULID from milliseconds and 80 random bits given as ten bytes. */
export function encodeUlid(millis: number, random: Uint8Array): string {
  let time = ''
  for (let rest = millis, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = CROCKFORD[rest % 32] + time
  let bits = 0n
  for (const byte of random.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte)
  let tail = ''
  for (let i = 0; i < 16; i++, bits >>= 5n) tail = CROCKFORD[Number(bits & 31n)] + tail
  return time + tail
}

/** `WP` and two or more digits. */
export function parseWpId(text: string): WpId | undefined {
  return /^WP\d{2,}$/.test(text) ? (text as WpId) : undefined
}

export function parseSha(text: string): Sha | undefined {
  return /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text) ? (text as Sha) : undefined
}
