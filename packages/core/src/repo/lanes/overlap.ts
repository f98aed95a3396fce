/**
 * Whether two ownership globs can claim the same path.
 *
 * The Python edition compares the texts: `src/a/**` "overlaps" `src/ab/**` there, because one begins with the
 * other. We compare path segments instead, so that only real overlaps are reported; everything the Python edition
 * would put into one lane for a real reason still meets here (a pattern owns what it matches and everything below
 * it, and two wildcards in one segment count as meeting unless their fixed ends exclude it).
 */
import picomatch from 'picomatch'

/** A pattern taken apart once, to be compared many times. */
export interface Glob {
  readonly pattern: string
  /** One list of segments for each alternative of `{a,b}`. */
  readonly alternatives: readonly (readonly Segment[])[]
}

export type Segment =
  | { readonly kind: 'any' }
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'wild'; readonly text: string; readonly matches: (name: string) => boolean }

const MAGIC = /[*?[\]{}!()]/

/** True for a pattern that names one path. */
export function isLiteral(pattern: string): boolean {
  return !MAGIC.test(pattern)
}

/** A pattern as users write it: `./` in front, doubled and trailing slashes do not count. */
export function parseGlob(pattern: string): Glob {
  const clean = normalise(pattern)
  return { pattern, alternatives: braces(clean).map(text => text.split('/').map(segment)) }
}

/** The pattern without `./` in front, doubled and trailing slashes. */
export function normalise(pattern: string): string {
  return pattern
    .trim()
    .replace(/\/{2,}/g, '/')
    .replace(/^(?:\.\/)+/, '')
    .replace(/(?<=.)\/$/, '')
}

/** True when some path can belong to both. */
export function overlaps(a: Glob, b: Glob): boolean {
  return a.alternatives.some(left => b.alternatives.some(right => meet(left, 0, right, 0)))
}

function segment(text: string): Segment {
  if (text === '**') return { kind: 'any' }
  if (isLiteral(text)) return { kind: 'literal', text }
  return { kind: 'wild', text, matches: picomatch(text, { dot: true }) }
}

/** Whichever list ends first owns everything below, so the rest of the other does not matter. */
function meet(a: readonly Segment[], i: number, b: readonly Segment[], j: number): boolean {
  const left = a[i]
  const right = b[j]
  if (left === undefined || right === undefined) return true
  if (left.kind === 'any') return meet(a, i + 1, b, j) || meet(a, i, b, j + 1)
  if (right.kind === 'any') return meet(a, i, b, j + 1) || meet(a, i + 1, b, j)
  return namesMeet(left, right) && meet(a, i + 1, b, j + 1)
}

function namesMeet(a: Exclude<Segment, { kind: 'any' }>, b: Exclude<Segment, { kind: 'any' }>): boolean {
  if (a.kind === 'literal') return b.kind === 'literal' ? a.text === b.text : b.matches(a.text)
  if (b.kind === 'literal') return a.matches(b.text)
  return endsMeet(a.text, b.text)
}

/** Two wildcards: their fixed beginnings and ends must not exclude each other. */
function endsMeet(a: string, b: string): boolean {
  const [headA, headB] = [fixed(a), fixed(b)]
  const [tailA, tailB] = [fixed(reverse(a)), fixed(reverse(b))]
  const compatible = (x: string, y: string): boolean => x.startsWith(y) || y.startsWith(x)
  return compatible(headA, headB) && compatible(tailA, tailB)
}

function fixed(text: string): string {
  return text.slice(0, text.search(MAGIC))
}

function reverse(text: string): string {
  return [...text].reverse().join('')
}

/** `src/{a,b}/x` as `src/a/x` and `src/b/x`: a segment must not end inside braces. */
function braces(pattern: string): readonly string[] {
  const found = /\{([^{},]*,[^{}]*)\}/.exec(pattern)
  if (found === null) return [pattern]
  const before = pattern.slice(0, found.index)
  const after = pattern.slice(found.index + found[0].length)
  return (found[1] ?? '').split(',').flatMap(option => braces(before + option + after))
}
