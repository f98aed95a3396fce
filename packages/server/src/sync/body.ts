/** Reading request bodies from people we do not know: bounded before and after decompression. */
import type { IncomingMessage } from 'node:http'

import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { parseJson } from '@spec-kitty/contracts/json'

const inflate = promisify(gunzip)

export type BodyProblem = 'too_large' | 'bad_gzip' | 'bad_json' | 'bad_encoding'
export type Read<T> = { readonly value: T } | { readonly problem: BodyProblem }

/**
 * Where a body comes from: the message of the socket, which is several times cheaper to read than the stream of a
 * Request, or that Request when there is no socket.
 */
export interface BodySource {
  readonly raw: Request
  readonly incoming?: IncomingMessage | undefined
}

/** The body in parts, decompressed; at most `limit` bytes before and after. A gzip bomb stops at the limit. */
export async function readParts(source: BodySource, limit: number): Promise<Read<readonly Uint8Array[]>> {
  const { incoming } = source
  const raw =
    incoming === undefined ? await readStream(source.raw, limit) : await readMessage(incoming, limit)
  if ('problem' in raw) return raw
  const sent = incoming?.headers['content-encoding'] ?? source.raw.headers.get('content-encoding') ?? ''
  const encoding = sent.trim().toLowerCase()
  if (encoding === '' || encoding === 'identity') return raw
  if (encoding !== 'gzip') return { problem: 'bad_encoding' }
  try {
    return { value: [await inflate(Buffer.concat(raw.value), { maxOutputLength: limit })] }
  } catch (error) {
    return {
      problem: (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'bad_gzip',
    }
  }
}

/** The body as text, with the same limits. */
export async function readText(source: BodySource, limit: number): Promise<Read<string>> {
  const parts = await readParts(source, limit)
  return 'problem' in parts ? parts : { value: Buffer.concat(parts.value).toString('utf8') }
}

export async function readJson(source: BodySource, limit: number): Promise<Read<unknown>> {
  const text = await readText(source, limit)
  if ('problem' in text) return text
  try {
    return { value: parseJson(text.value) as unknown }
  } catch {
    return { problem: 'bad_json' }
  }
}

function readMessage(message: IncomingMessage, limit: number): Promise<Read<readonly Uint8Array[]>> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    if (Number(message.headers['content-length'] ?? 0) > limit) {
      resolve({ problem: 'too_large' })
      return
    }
    message.on('data', (part: Buffer) => {
      size += part.length
      if (size <= limit) parts.push(part)
      else {
        message.removeAllListeners('data')
        message.resume()
        resolve({ problem: 'too_large' })
      }
    })
    message.once('end', () => resolve({ value: parts }))
    message.once('error', reject)
    message.once('close', () => {
      // An error knows where it was made, and each costs as much as a statement.
      if (!message.readableEnded) reject(new Error('The request ended before its body.'))
    })
  })
}

async function readStream(request: Request, limit: number): Promise<Read<readonly Uint8Array[]>> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) return { problem: 'too_large' }
  if (request.body === null) return { value: [] }
  const parts: Uint8Array[] = []
  let size = 0
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return { value: parts }
    size += value.length
    if (size > limit) {
      await reader.cancel()
      return { problem: 'too_large' }
    }
    parts.push(value)
  }
}
