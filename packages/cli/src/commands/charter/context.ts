import { CharterContext } from '@spec-kitty/contracts/cli/charter'
import { charterContextFor } from '@spec-kitty/core/project/charter/read'
import { defineCommand, many, text, toggle } from '../../command.ts'

export const command = defineCommand({
  description: 'Prints the rules that bind a step of a mission, in under 2 KB.',
  examples: [
    'spec-kitty charter context --action plan',
    'spec-kitty charter context --include section:amendment-process',
  ],
  flags: {
    action: text('specify, plan, tasks, implement, review …', { value: 'ACTION' }),
    include: many('section:<heading> or directive:<number> instead of the summary', { value: 'WHAT' }),
    markLoaded: toggle('accepted for scripts of the Python edition; nothing is remembered', { hidden: true }),
  },
  result: CharterContext,
  run: (ports, input) => charterContextFor(ports, { action: input.action, include: input.include ?? [] }),
  text: ({ text: context }) => context,
})
