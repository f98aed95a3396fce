import { MissionInfo } from '@spec-kitty/contracts/cli/mission-summary'
import { missionInfo } from '@spec-kitty/core/repo/summary'
import { defineCommand, missionFlag, optionalArg } from '../../command.ts'
import type { Style } from '../../style.ts'

export function infoText(info: MissionInfo, style: Style): string {
  const lanes = Object.entries(info.by_lane)
    .filter(([, count]) => count > 0)
    .map(([lane, count]) => `${lane} ${count}`)
    .join(', ')
  const rows: readonly (readonly [string, string])[] = [
    ['Title', info.friendly_name],
    ['State', info.state],
    ['Type', info.mission_type],
    ['Merges into', info.target_branch],
    ['Work packages', lanes === '' ? 'none yet' : lanes],
    ['Lanes', info.lanes.map(lane => `${lane.lane_id} (${lane.wp_ids.join(', ')})`).join(', ')],
    ['Documents', info.documents.join(', ')],
    ['Folder', info.feature_dir],
  ]
  const lines = rows
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `  ${`${name}:`.padEnd(15)}${value}`)
  return [style.bold(info.mission_slug), ...lines].join('\n')
}

export const command = defineCommand({
  description: 'Shows one mission: state, branches, lanes and documents.',
  examples: ['spec-kitty mission info user-auth'],
  args: { handle: optionalArg('mission: directory name, slug, number, mid8 or id') },
  flags: { mission: missionFlag },
  result: MissionInfo,
  run: (ports, input) => missionInfo(ports, input.handle ?? input.mission),
  indent: true,
  text: infoText,
})
