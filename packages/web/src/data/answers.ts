/** Answers that views look at: asked once for all of them, asked again when the server says that something changed. */
import { type Signal, signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ask, type Reply } from './ask.ts'

interface Entry {
  readonly reply: Signal<Reply<unknown> | undefined>
  users: number
  busy: boolean
  /** Something changed while an answer was on its way. */
  again: boolean
  /** Something changed while nobody looked. */
  stale: boolean
}

/** Path → what is known. It lives as long as the page. */
const entries = new Map<string, Entry>()

/** The newest answer for a path; undefined while the first is on its way, an older one while a newer is. */
export function useAnswer<T>(path: string | undefined): Reply<T> | undefined {
  useEffect(() => {
    if (path === undefined) return
    const entry = entryOf(path)
    entry.users += 1
    return () => {
      entry.users -= 1
    }
  }, [path])
  return path === undefined ? undefined : (entryOf(path).reply.value as Reply<T> | undefined)
}

/** Asks again for what is shown of a mission, and for lists; of everything when there is none. */
export function refresh(mission?: string): void {
  for (const [path, entry] of entries) {
    if (
      mission !== undefined &&
      path !== '/missions' &&
      !path.split(/[/?]/).includes(encodeURIComponent(mission))
    )
      continue
    if (entry.users > 0 || path === '/missions') load(path, entry)
    else entry.stale = true
  }
}

function entryOf(path: string): Entry {
  const known = entries.get(path)
  if (known !== undefined) {
    if (known.stale) load(path, known)
    return known
  }
  const entry: Entry = { reply: signal(undefined), users: 0, busy: false, again: false, stale: false }
  entries.set(path, entry)
  load(path, entry)
  return entry
}

function load(path: string, entry: Entry): void {
  if (entry.busy) {
    entry.again = true
    return
  }
  entry.busy = true
  entry.stale = false
  void ask(path).then(reply => {
    entry.busy = false
    // Without an answer the last one is the best there is; the sign of life says that it may be old.
    const lost = reply.refusal?.code === 'unreachable' && entry.reply.value?.data !== undefined
    if (!lost) entry.reply.value = reply
    if (!entry.again) return
    entry.again = false
    load(path, entry)
  })
}
