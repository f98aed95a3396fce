/** The sign of a lane: a shape and a colour, so that neither alone has to be told apart. */
import { isLane, LANE_TITLES, type Lane } from '@spec-kitty/contracts/lanes'

export const laneTitle = (lane: string): string => (isLane(lane) ? LANE_TITLES[lane] : lane)

/** Shapes fill as work comes nearer to its end. */
const SHAPES: { readonly [lane in Lane]: preact.JSX.Element } = {
  genesis: <circle cx="8" cy="8" r="6" stroke-dasharray="1 3" />,
  planned: <circle cx="8" cy="8" r="6" stroke-dasharray="2.6 2.1" />,
  claimed: <circle cx="8" cy="8" r="6" />,
  in_progress: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path class="solid" d="M8 4.500a3.5 3.5 0 0 1 0 7z" />
    </>
  ),
  for_review: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path class="solid" d="M8 8V4.500A3.5 3.5 0 1 1 4.5 8z" />
    </>
  ),
  in_review: (
    <>
      <circle cx="8" cy="8" r="6" />
      <circle class="solid" cx="8" cy="8" r="2.5" />
    </>
  ),
  approved: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="m5.3 8.2 1.9 1.9 3.5-3.9" />
    </>
  ),
  done: (
    <>
      <circle class="solid" cx="8" cy="8" r="6.7" />
      <path class="cut" d="m5.2 8.2 2 2 3.6-4.1" />
    </>
  ),
  blocked: (
    <>
      <circle class="solid" cx="8" cy="8" r="6.7" />
      <path class="cut" d="M5 8h6" />
    </>
  ),
  canceled: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="m5.8 5.8 4.4 4.400m0-4.4-4.4 4.4" />
    </>
  ),
}

/** Says nothing by itself: the name of the lane always stands near. */
export function LaneSign({ lane }: { readonly lane: string }) {
  return (
    <svg class="sign" width="16" height="16" data-lane={lane} viewBox="0 0 16 16" aria-hidden="true">
      {SHAPES[isLane(lane) ? lane : 'genesis']}
    </svg>
  )
}

export function LaneTag({ lane }: { readonly lane: string }) {
  return (
    <span class="tag" data-lane={lane}>
      <LaneSign lane={lane} />
      {laneTitle(lane)}
    </span>
  )
}
