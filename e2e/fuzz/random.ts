/** Random choices that a seed decides (mulberry32): the same seed makes the same walk. */

export interface Dice {
  /** 0 ≤ n < bound. */
  readonly int: (bound: number) => number
  readonly chance: (probability: number) => boolean
  /** Throws for an empty list. */
  readonly pick: <T>(items: readonly T[]) => T
}

export function createDice(seed: number): Dice {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (bound: number): number => Math.floor(next() * bound)
  return {
    int,
    chance: probability => next() < probability,
    pick: items => {
      const item = items[int(items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
  }
}

/** A member by weight. Throws for an empty list. */
export function weighted<T extends { readonly weight: number }>(dice: Dice, items: readonly T[]): T {
  let rest = dice.int(items.reduce((sum, item) => sum + item.weight, 0))
  for (const item of items) {
    rest -= item.weight
    if (rest < 0) return item
  }
  throw new Error('nothing to pick from')
}
