/** Questions of ancestry, answered from a piece of the commit graph that was read once. */
import type { Sha } from '@spec-kitty/contracts/ids'

/** Commits beyond some base, newest first, each with its parents. */
export type Graph = ReadonlyMap<Sha, readonly Sha[]>

/** The commits of the graph that a tip reaches, itself included; empty when the tip is not in the graph. */
export function closure(graph: Graph, tip: Sha): ReadonlySet<Sha> {
  const seen = new Set<Sha>()
  const open = [tip]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next) || !graph.has(next)) continue
    seen.add(next)
    open.push(...(graph.get(next) ?? []))
  }
  return seen
}

/** True when the history of `tip` goes through `base`, the commit where the graph was cut off. */
export function standsOn(graph: Graph, tip: Sha, base: Sha): boolean {
  if (tip === base) return true
  return [...closure(graph, tip)].some(commit => graph.get(commit)?.includes(base))
}

/** The tips that are in the graph and in no other tip's history; equal tips count once. */
export function independent(graph: Graph, tips: readonly Sha[]): readonly Sha[] {
  const known = [...new Set(tips)].filter(tip => graph.has(tip))
  const histories = new Map(known.map(tip => [tip, closure(graph, tip)]))
  return known.filter(tip => !known.some(other => other !== tip && histories.get(other)?.has(tip)))
}

/** True when no commit is in two of the histories. */
export function areApart(graph: Graph, tips: readonly Sha[]): boolean {
  const seen = new Set<Sha>()
  for (const tip of tips) {
    for (const commit of closure(graph, tip)) {
      if (seen.has(commit)) return false
      seen.add(commit)
    }
  }
  return true
}

/**
 * The last commit that two histories have in common, where the graph can tell; `base` is where it was cut off. Of
 * several (criss-cross merges) one.
 */
export function commonBase(graph: Graph, base: Sha, a: Sha, b: Sha): Sha | undefined {
  const [mine, theirs] = [closure(graph, a), closure(graph, b)]
  const common = [...mine].filter(commit => theirs.has(commit))
  const inner = new Set(
    common.flatMap(commit => [...closure(graph, commit)].filter(other => other !== commit)),
  )
  const last = common.find(commit => !inner.has(commit))
  if (last !== undefined) return last
  return standsOn(graph, a, base) && standsOn(graph, b, base) ? base : undefined
}
