/** Answers of the server turned into values or trouble. Nothing a server says is trusted further than its schema. */
import { isObject, type JsonObject, parseJson } from '@spec-kitty/contracts/json'
import type { NetAnswer } from '../world/sync-ports.ts'
import type { SyncTrouble } from './diagnostics.ts'
import { plain } from './plain.ts'

/** The JSON object of an answer; undefined when it is something else. */
export function jsonOf(answer: NetAnswer): JsonObject | undefined {
  if (answer.kind !== 'answer') return undefined
  try {
    const value: unknown = parseJson(answer.body)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Why an answer is not what was asked for. `what`: the request, for the sentence. */
export function troubleOf(answer: NetAnswer, what: string): SyncTrouble {
  if (answer.kind === 'failed') {
    const detail = `${what}: ${plain(answer.detail, 200)}`
    if (answer.reason === 'unreachable') return { trouble: 'offline', detail }
    return { trouble: answer.reason === 'garbage' ? 'bad_answer' : 'ending', detail }
  }
  if (answer.status >= 200 && answer.status < 300)
    return { trouble: 'bad_answer', detail: `${what}: the answer is not what the protocol promises` }
  const said = saidBy(answer)
  const wait = retryAfter(answer)
  return {
    trouble: 'http',
    detail: `${what}: HTTP ${answer.status}${said === '' ? '' : ` (${said})`}`,
    status: answer.status,
    ...(wait === undefined ? {} : { retryAfter: wait }),
  }
}

/** The server's own words, made safe. */
export function saidBy(answer: NetAnswer): string {
  const body = jsonOf(answer)
  const words = [body?.error, body?.message, body?.error_description].filter(part => typeof part === 'string')
  return plain([...new Set(words)].join(': '), 160)
}

/** Seconds of `Retry-After`, or of `retry_after` in the body. Dates are not honoured: no server of ours sends one. */
function retryAfter(answer: NetAnswer): number | undefined {
  if (answer.kind !== 'answer') return undefined
  const header = Number(answer.header('retry-after') ?? Number.NaN)
  const body = jsonOf(answer)
  const inBody = body?.retry_after ?? body?.retry_after_seconds
  const seconds = Number.isFinite(header) ? header : typeof inBody === 'number' ? inBody : undefined
  return seconds !== undefined && seconds >= 0 ? seconds : undefined
}
