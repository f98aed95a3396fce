import { SessionStart } from '@spec-kitty/contracts/cli/project-aids'
import { sessionStart } from '@spec-kitty/core/project/instructions'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  description:
    'For the start hook of an agent: three lines about the open missions; silent outside a Spec Kitty project.',
  examples: ['spec-kitty session-start'],
  result: SessionStart,
  run: ports => sessionStart(ports),
  text: ({ text }) => text,
})
