/** Tokens, codes and passwords: made here, kept only as hashes. */
import { createHash, scrypt, timingSafeEqual } from 'node:crypto'
import type { Random } from './ports.ts'

/** SHA-256 in hexadecimal: enough for a token of 256 random bits, which nobody can guess from its hash. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** 256 random bits with a prefix that says what leaked, should it ever be found in a log. */
export function newToken(
  prefix: 'skat' | 'skrt' | 'skws' | 'skdc' | 'skac' | 'skss',
  random: Random,
): string {
  return `${prefix}_${Buffer.from(random(32)).toString('base64url')}`
}

/** Letters that are not mistaken for one another and spell no words; 240 is a multiple of 20. */
const USER_CODE_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'

/** Eight letters that a person types: 34 bits, good for 15 minutes. */
export function newUserCode(random: Random): string {
  let code = ''
  while (code.length < 8) {
    for (const byte of random(16)) {
      if (byte < 240 && code.length < 8) code += USER_CODE_LETTERS[byte % 20]
    }
  }
  return code
}

/** A user code as typed: any case, with or without the dash. */
export function normaliseUserCode(typed: string): string {
  return typed.toUpperCase().replace(/[^A-Z]/g, '')
}

/** scrypt's N: about 0.1 s of work on purpose. */
const COST = 32_768
/** Its r and p. */
const BLOCK = { r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const
const KEY_BYTES = 32

/** `scrypt$N$r$p$salt$key`. `cost` is N, a power of two. */
export async function hashPassword(password: string, random: Random, cost: number = COST): Promise<string> {
  const salt = Buffer.from(random(16))
  const key = await derive(password, salt, cost)
  return ['scrypt', cost, BLOCK.r, BLOCK.p, salt.toString('base64'), key.toString('base64')].join('$')
}

/**
 * Whether the password fits. Without a hash (no such user) it does the same work and says no, so that time
 * does not tell who exists.
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const none = `scrypt$${COST}$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`
  const [, cost, , , salt, key] = (stored || none).split('$')
  const expected = Buffer.from(key ?? '', 'base64')
  const derived = await derive(
    password,
    Buffer.from(salt ?? '', 'base64'),
    Number(cost) > 1 ? Number(cost) : COST,
  )
  const equal = expected.length === derived.length && timingSafeEqual(expected, derived)
  return equal && stored !== undefined && stored !== ''
}

function derive(password: string, salt: Buffer, N: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { ...BLOCK, N }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}

/** The PKCE challenge of a verifier, method S256 (RFC 7636). */
export function pkceChallenge(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}
