import { DoctorStateRoots } from '@spec-kitty/contracts/cli/doctor'
import { stateRoots } from '@spec-kitty/core/doctor/roots'
import { defineCommand } from '../../command.ts'

export const command = defineCommand({
  description: 'Shows where Spec Kitty keeps what, and whether git is to see it.',
  examples: ['spec-kitty doctor state-roots --json'],
  result: DoctorStateRoots,
  run: ports => stateRoots(ports),
  indent: true,
  text: (result, style) =>
    [
      ...result.roots.map(
        item => `${style.bold(item.label)}: ${item.resolved_path}${item.exists ? '' : ' (not there)'}`,
      ),
      ...result.surfaces.map(
        item =>
          `  ${item.path_pattern.padEnd(30)} ${item.authority.padEnd(13)} ${item.git_class}${item.present ? '' : style.dim(', not there')}`,
      ),
      ...result.surfaces.flatMap(item => (item.warning === null ? [] : [style.yellow(item.warning)])),
    ].join('\n'),
})
