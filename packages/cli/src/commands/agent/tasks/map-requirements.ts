import { MapRequirements } from '@spec-kitty/contracts/cli/map-requirements'
import { mapRequirements } from '@spec-kitty/core/tasks/map-requirements'
import { autoCommitFlag, defineCommand, many, missionFlag, text, toggle } from '../../../command.ts'

export const command = defineCommand({
  description:
    'Records which work package brings which requirement of spec.md. Adds to what is there unless told to replace it.',
  examples: [
    'spec-kitty agent tasks map-requirements --wp WP01 --refs FR-001,NFR-001',
    'spec-kitty agent tasks map-requirements --batch \'{"WP01": ["FR-001"], "WP02": ["FR-002"]}\' --replace',
  ],
  flags: {
    wp: text('work package id', { value: 'WP' }),
    refs: text('requirement ids, comma-separated', { value: 'REFS' }),
    batch: text('JSON: work package to list of requirement ids', { value: 'JSON' }),
    trackerRef: many('reference to a ticket for --wp', { value: 'REF' }),
    replace: toggle('replace the requirements of these work packages'),
    mission: missionFlag,
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: MapRequirements,
  run: (ports, input) => mapRequirements(ports, input),
  text: ({ mapped, coverage }, style) => {
    const lines = Object.entries(mapped).map(
      ([wp, refs]) => `${style.bold(wp)}: ${refs.join(', ') || 'no change'}`,
    )
    const { mapped_functional: done, total_functional: all, unmapped_functional: open } = coverage
    const rest = open.length === 0 ? '' : `; without work package: ${open.join(', ')}`
    return [...lines, `${done} of ${all} functional requirements mapped${rest}`].join('\n')
  },
})
