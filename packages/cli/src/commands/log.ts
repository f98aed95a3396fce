import { type Happening, MissionLog } from '@spec-kitty/contracts/cli/story'
import { missionLog } from '@spec-kitty/core/board/story'
import { defineCommand, missionFlag, optionalArg } from '../command.ts'

/** One move as a line of a story: `2026-01-02 10:04  WP01 planned → claimed, by claude: why`. */
export function happeningLine(event: Happening): string {
  const { at, wp_id: wp, from_lane: from, to_lane: to, who, reason, forced } = event
  const why = reason === null || reason === '' ? '' : `: ${reason}`
  return `${at.slice(0, 16).replace('T', ' ')}  ${wp} ${words(from)} → ${words(to)}, by ${who}${forced ? ' (forced)' : ''}${why}`
}

/** `in_progress` as `in progress`. */
export function words(lane: string): string {
  return lane.replaceAll('_', ' ')
}

export const command = defineCommand({
  description: 'Tells what happened to a mission, or to one work package, oldest first. Reads only.',
  examples: ['spec-kitty log', 'spec-kitty log WP01 --mission demo'],
  args: { wpId: optionalArg('work package id; left out: all of them') },
  flags: { mission: missionFlag },
  result: MissionLog,
  run: (ports, input) => missionLog(ports, input),
  text: ({ mission_slug: slug, events }, style) =>
    events.length === 0
      ? `Nothing has happened in ${slug} yet.`
      : [style.bold(slug), ...events.map(happeningLine)].join('\n'),
})
