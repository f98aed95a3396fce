/** Reading request bodies from people we do not know: bounded before and after decompression. */

import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { parseJson } from '@spec-kitty/contracts/json'

const inflate = promisify(gunzip)

export type BodyProblem = 'too_large' | 'bad_gzip' | 'bad_json' | 'bad_encoding'
export type Read<T> = { readonly value: T } | { readonly problem: BodyProblem }

/** The body as text; at most `limit` bytes, also after decompression. A gzip bomb stops at the limit. */
export async function readText(request: Request, limit: number): Promise<Read<string>> {
  const raw = await readBytes(request, limit)
  if ('problem' in raw) return raw
  const encoding = (request.headers.get('content-encoding') ?? '').trim().toLowerCase()
  if (encoding === '' || encoding === 'identity') return { value: raw.value.toString('utf8') }
  if (encoding !== 'gzip') return { problem: 'bad_encoding' }
  try {
    return { value: (await inflate(raw.value, { maxOutputLength: limit })).toString('utf8') }
  } catch (error) {
    return {
      problem: (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'bad_gzip',
    }
  }
}

export async function readJson(request: Request, limit: number): Promise<Read<unknown>> {
  const text = await readText(request, limit)
  if ('problem' in text) return text
  try {
    return { value: parseJson(text.value) as unknown }
  } catch {
    return { problem: 'bad_json' }
  }
}

async function readBytes(request: Request, limit: number): Promise<Read<Buffer>> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) return { problem: 'too_large' }
  if (request.body === null) return { value: Buffer.alloc(0) }
  const parts: Uint8Array[] = []
  let size = 0
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return { value: Buffer.concat(parts) }
    size += value.length
    if (size > limit) {
      await reader.cancel()
      return { problem: 'too_large' }
    }
    parts.push(value)
  }
}
