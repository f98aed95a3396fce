import type { TimelineEvent } from '@spec-kitty/contracts/dashboard/story'
import { expect, it } from 'vitest'
import { lanesAt } from './moment.ts'

const event = (index: number, wp_id: string, lane_after: string): TimelineEvent => ({
  index,
  event_id: `${index}`,
  at: '',
  wp_id,
  who: 'claude',
  from_lane: '',
  to_lane: lane_after,
  lane_after,
  reason: null,
  forced: false,
})

it('draws any moment of a part of the story', () => {
  const part = {
    from: 10,
    lanes_before: { WP01: 'claimed' },
    events: [event(10, 'WP02', 'planned'), event(11, 'WP01', 'in_progress'), event(12, 'WP02', 'claimed')],
  }
  expect([9, 10, 11, 12, 99].map(index => Object.fromEntries(lanesAt(part, index)))).toEqual([
    { WP01: 'claimed' },
    { WP01: 'claimed', WP02: 'planned' },
    { WP01: 'in_progress', WP02: 'planned' },
    { WP01: 'in_progress', WP02: 'claimed' },
    { WP01: 'in_progress', WP02: 'claimed' },
  ])
})
