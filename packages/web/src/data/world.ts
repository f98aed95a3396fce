/** What the page takes from outside: the time, the server, what this browser keeps. */

/** Milliseconds since 1970. */
export const now = (): number => Date.now()

export const request = (path: string, init: RequestInit): Promise<Response> => fetch(path, init)

/** A store of this browser; one that is switched off keeps nothing and says nothing. */
export function remember(store: 'local' | 'session', key: string, value: string | undefined): void {
  try {
    const kept = store === 'local' ? localStorage : sessionStorage
    if (value === undefined) kept.removeItem(key)
    else kept.setItem(key, value)
  } catch {
    // Private windows and files opened from disk may have none.
  }
}

export function recall(store: 'local' | 'session', key: string): string | undefined {
  try {
    return (store === 'local' ? localStorage : sessionStorage).getItem(key) ?? undefined
  } catch {
    return undefined
  }
}
