/** The lanes of a work package (docs/log.md), in display order. `genesis` means "no event yet". */

export const DISPLAY_LANES = [
  'planned',
  'claimed',
  'in_progress',
  'for_review',
  'in_review',
  'approved',
  'done',
  'blocked',
  'canceled',
] as const

export type DisplayLane = (typeof DISPLAY_LANES)[number]
export type Lane = DisplayLane | 'genesis'

/** What people read; the terminal and the page use the same words. */
export const LANE_TITLES: { readonly [lane in Lane]: string } = {
  genesis: 'Not finalized',
  planned: 'Planned',
  claimed: 'Claimed',
  in_progress: 'In progress',
  for_review: 'For review',
  in_review: 'In review',
  approved: 'Approved',
  done: 'Done',
  blocked: 'Blocked',
  canceled: 'Canceled',
}

const KNOWN: ReadonlySet<string> = new Set<string>(['genesis', ...DISPLAY_LANES])

export function isLane(value: unknown): value is Lane {
  return typeof value === 'string' && KNOWN.has(value)
}

/** A lane as users and old logs spell it: trimmed, lower-cased, `doing` read as `in_progress`. */
export function parseLane(text: string): Lane | undefined {
  const word = text.trim().toLowerCase()
  if (word === 'doing') return 'in_progress'
  return isLane(word) ? word : undefined
}

/** Terminal lanes are left only by force. */
export function isTerminal(lane: Lane): boolean {
  return lane === 'done' || lane === 'canceled'
}
