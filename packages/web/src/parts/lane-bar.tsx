/** How far a mission is: one bar, a piece for each lane, as long as the lane is full. */
import { DISPLAY_LANES } from '@spec-kitty/contracts/lanes'
import { laneTitle } from './lane.tsx'

/** From what is done to what has not begun. */
const ORDER = [...DISPLAY_LANES].filter(lane => lane !== 'blocked' && lane !== 'canceled').reverse()
const LANES = [...ORDER, 'blocked', 'canceled', 'genesis'] as const

interface Props {
  readonly counts: Readonly<Record<string, number>>
  readonly total: number
}

export function LaneBar({ counts, total }: Props) {
  const held = LANES.filter(lane => (counts[lane] ?? 0) > 0)
  const words = held.map(lane => `${counts[lane]} ${laneTitle(lane).toLowerCase()}`).join(', ')
  return (
    <span class="bar" role="img" aria-label={words === '' ? 'No work packages' : words} title={words}>
      {held.map(lane => (
        <span key={lane} data-lane={lane} style={{ flexGrow: (counts[lane] ?? 0) / Math.max(1, total) }} />
      ))}
    </span>
  )
}
