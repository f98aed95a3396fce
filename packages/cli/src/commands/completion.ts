import { Completion } from '@spec-kitty/contracts/cli/project-aids'
import { KittyError } from '@spec-kitty/contracts/errors'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { arg, defineCommand } from '../command.ts'
import { SCRIPTS, SHELLS } from '../completion/scripts.ts'

export const command = defineCommand({
  description:
    'Prints a script for your shell that completes commands, options, missions, work packages and agents. Put the first line of it into the start file of the shell.',
  examples: ['eval "$(spec-kitty completion bash)"', 'spec-kitty completion fish'],
  args: { shell: arg(SHELLS.join(', ')) },
  result: Completion,
  run: (_, input): Completion => {
    const shell = SHELLS.find(name => name === input.shell)
    if (shell === undefined) {
      throw new KittyError('invalid_input', `No completion for the shell '${input.shell}'`, {
        hint: sh`Choose from: ${listed(SHELLS)}`,
      })
    }
    return { shell, script: SCRIPTS[shell] }
  },
  verbatim: true,
  text: ({ script }) => script,
})
