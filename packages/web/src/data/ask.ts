/** One question to the server, one answer or the refusal as the command line would print it. */

import { signal } from '@preact/signals'
import type { Session } from '@spec-kitty/contracts/dashboard/session'
import { isObject, parseJson } from '@spec-kitty/contracts/json'
import { snapshot } from './snapshot.ts'
import { request } from './world.ts'

export interface Refusal {
  readonly error: string
  readonly code: string
  readonly hint?: string
  /** The whole document: a merge that is blocked says more. */
  readonly document?: unknown
}

export type Reply<T> =
  | { readonly data: T; readonly refusal?: undefined }
  | { readonly data?: undefined; readonly refusal: Refusal }

/** Who acts, and with what leave; undefined until the server answered. */
export const session = signal<Session | undefined>(snapshot?.session)

export async function loadSession(): Promise<void> {
  const { data } = await ask<Session>('/session')
  if (data !== undefined) session.value = data
}

/** Asks for a path below /api/v2. The server's schemas are the contract; the answer is taken as declared. */
export function ask<T>(path: string): Promise<Reply<T>> {
  if (snapshot !== undefined) return Promise.resolve(fromSnapshot<T>(path))
  // Answers carry tags: what did not change comes from this browser's memory.
  return exchange<T>(path, { cache: 'no-cache' })
}

/** Lets the server do something. */
export function act<T>(path: string, body: object): Promise<Reply<T>> {
  return exchange<T>(path, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Spec-Kitty-Token': session.value?.request_token ?? '',
    },
    body: JSON.stringify(body),
  })
}

function fromSnapshot<T>(path: string): Reply<T> {
  const answer = snapshot?.answers[path]
  if (answer !== undefined) return { data: answer as T }
  return {
    refusal: {
      error: 'This page was saved without it.',
      code: 'not_in_snapshot',
      hint: 'spec-kitty dashboard',
    },
  }
}

async function exchange<T>(path: string, init: RequestInit): Promise<Reply<T>> {
  let response: Response
  let text: string
  try {
    response = await request(`/api/v2${path}`, init)
    text = await response.text()
  } catch {
    return {
      refusal: {
        error: 'The dashboard does not answer.',
        code: 'unreachable',
        hint: 'Start it again: `spec-kitty dashboard`',
      },
    }
  }
  const document = readDocument(text)
  if (response.ok && document !== undefined) return { data: document as T }
  return { refusal: refusalOf(document, response.status) }
}

function readDocument(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

function refusalOf(document: unknown, status: number): Refusal {
  if (!isObject(document) || typeof document.error !== 'string')
    return { error: `The dashboard answered ${status}.`, code: 'unexpected_answer' }
  return {
    error: document.error,
    code: typeof document.code === 'string' ? document.code : String(status),
    ...(typeof document.hint === 'string' && { hint: document.hint }),
    document,
  }
}
