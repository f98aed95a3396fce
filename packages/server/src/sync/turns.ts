/** So many at a time; the others wait in line. Who takes too long keeps its place but holds nobody up. */

export interface Turns {
  /** Resolves when it is the caller's turn, with the way to end it; may be called twice. */
  readonly take: () => Promise<() => void>
}

/** `patienceMs`: how long a turn counts at most. */
export function createTurns(most: number, patienceMs: number): Turns {
  let taken = 0
  const waiting: (() => void)[] = []
  return {
    take: async () => {
      if (taken >= most) await new Promise<void>(resolve => waiting.push(resolve))
      else taken++
      let over = false
      const end = (): void => {
        if (over) return
        over = true
        clearTimeout(timer)
        const next = waiting.shift()
        if (next === undefined) taken--
        else next()
      }
      const timer = setTimeout(end, patienceMs)
      timer.unref()
      return end
    },
  }
}
