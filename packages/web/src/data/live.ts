/**
 * News from the server. One tab of this browser listens for all of them: a browser opens six connections to a server, and
 * the seventh tab with a stream of its own would wait for ever.
 */

import { signal } from '@preact/signals'
import type { ChangeMessage } from '@spec-kitty/contracts/dashboard/session'
import { parseJson } from '@spec-kitty/contracts/json'
import { refresh } from './answers.ts'
import { loadSession } from './ask.ts'
import { snapshot } from './snapshot.ts'

export type Pulse = 'saved' | 'connecting' | 'live' | 'asking'

/** How fresh the page is; `asking`: no stream, so the page asks every few seconds. */
export const pulse = signal<Pulse>(snapshot === undefined ? 'connecting' : 'saved')

/** Changes so far, for views that tell what just moved. */
export const lastChange = signal<ChangeMessage | undefined>(undefined)

const ASK_EVERY = 5_000
const TRY_AGAIN_AFTER = 30_000

type News = { readonly pulse: Pulse } | { readonly change: ChangeMessage } | { readonly reset: true }

export function startLive(): void {
  if (snapshot !== undefined) return
  if (!('locks' in navigator) || !('BroadcastChannel' in globalThis)) {
    listen(take)
    return
  }
  const channel = new BroadcastChannel('spec-kitty-live')
  const tell = (news: News): void => {
    take(news)
    channel.postMessage(news)
  }
  let leads = false
  channel.onmessage = ({ data }: MessageEvent<News | 'how'>) => {
    if (data !== 'how') take(data)
    else if (leads) channel.postMessage({ pulse: pulse.value } satisfies News)
  }
  channel.postMessage('how')
  // Never released: the browser does it when this tab goes, and the next one waiting takes over.
  void navigator.locks.request('spec-kitty-live', () => {
    leads = true
    listen(tell)
    return new Promise<never>(() => undefined)
  })
}

function take(news: News): void {
  if ('pulse' in news) pulse.value = news.pulse
  else if ('change' in news) {
    lastChange.value = news.change
    refresh(news.change.mission ?? undefined)
  } else {
    void loadSession()
    refresh()
  }
}

/** The browser reconnects by itself, and says where it stopped, unless the server refused the stream. */
function listen(tell: (news: News) => void): void {
  const source = new EventSource('/api/v2/events')
  let lost = false
  source.onopen = () => {
    tell({ pulse: 'live' })
    if (lost) tell({ reset: true })
    lost = false
  }
  source.addEventListener('change', ({ data }) => {
    tell({ change: parseJson(String(data)) as ChangeMessage })
  })
  source.addEventListener('reset', () => tell({ reset: true }))
  source.onerror = () => {
    lost = true
    if (source.readyState !== EventSource.CLOSED) {
      tell({ pulse: 'connecting' })
      return
    }
    tell({ pulse: 'asking' })
    const asking = setInterval(() => tell({ reset: true }), ASK_EVERY)
    setTimeout(() => {
      clearInterval(asking)
      listen(tell)
    }, TRY_AGAIN_AFTER)
  }
}
