import { Materialize } from '@spec-kitty/contracts/cli/materialize'
import { materializeAll } from '@spec-kitty/core/status/materialize-all'
import { defineCommand, missionFlag } from '../command.ts'

export const command = defineCommand({
  description:
    'Writes status.json and the derived views below .kittify/derived from the event logs: of every mission, or of one.',
  examples: ['spec-kitty materialize', 'spec-kitty materialize --mission demo --json'],
  flags: { mission: missionFlag },
  writes: true,
  result: Materialize,
  run: (ports, input) => materializeAll(ports, input),
  status: result => (result.errors.length === 0 ? 0 : 1),
  indent: true,
  text: (result, style) =>
    [
      `${result.processed} missions written to ${result.derived_dir}`,
      ...result.errors.map(error => `  ${style.red('error')} ${error}`),
    ].join('\n'),
})
