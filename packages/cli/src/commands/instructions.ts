import { Instructions } from '@spec-kitty/contracts/cli/project-aids'
import { instructionsOn } from '@spec-kitty/core/project/instructions'
import { defineCommand, optionalArg } from '../command.ts'
import { INSTRUCTIONS } from '../program.ts'

export const command = defineCommand({
  description: 'Prints one page of instructions, for agents and people; without a topic the list of pages.',
  examples: ['spec-kitty instructions', 'spec-kitty instructions worktrees'],
  args: { topic: optionalArg('a page') },
  result: Instructions,
  run: (ports, { topic }) => instructionsOn(ports, INSTRUCTIONS, topic),
  text: ({ text }) => text.trimEnd(),
})
