/** Leaves actions out as long as the same kind of promise is still broken. */
import { type Outcome, walk } from './walk.ts'

/** At most that many walks more. */
const BUDGET = 40

export async function shrink(first: Outcome): Promise<Outcome> {
  const kind = first.violations[0]?.kind
  let best = first
  let without = new Set<number>()
  let left = BUDGET
  for (let size = Math.ceil(first.actions / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < first.actions && left > 0; at += size) {
      const more = new Set([...without, ...Array.from({ length: size }, (_, i) => at + i)])
      if (more.size === without.size) continue
      left -= 1
      const outcome = await walk({ seed: first.seed, without: more })
      if (outcome.violations[0]?.kind !== kind) continue
      without = more
      best = outcome
    }
  }
  return best
}
