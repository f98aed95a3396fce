import { ProjectConfiguration } from '@spec-kitty/contracts/cli/project-aids'
import { describeConfiguration } from '@spec-kitty/core/project/settings'
import { defineCommand, text, toggle } from '../command.ts'

export const command = defineCommand({
  description: 'Shows the settings that hold in this project, and which of them are written down.',
  examples: ['spec-kitty config --show-origin'],
  flags: {
    showOrigin: toggle('tell where each setting comes from (it always does)'),
    mission: text('accepted for scripts of the Python edition', {
      value: 'HANDLE',
      hidden: true,
      short: 'm',
    }),
  },
  result: ProjectConfiguration,
  run: ports => describeConfiguration(ports),
  text: ({ settings, config_path, exists }, style) =>
    [
      `${config_path}${exists ? '' : ' (not there)'}`,
      ...settings.map(({ key, value, origin }) => {
        const shown = Array.isArray(value) ? value.join(', ') || 'none' : String(value)
        return `  ${key.padEnd(32)} ${shown}  ${style.dim(`(${origin})`)}`
      }),
    ].join('\n'),
})
