import { Completion } from '@spec-kitty/contracts/cli/project-aids'
import { KittyError } from '@spec-kitty/contracts/errors'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { arg, defineCommand, optionalArg } from '../command.ts'
import { SCRIPTS, SHELLS } from '../completion/scripts.ts'

export const command = defineCommand({
  description:
    'Prints a script for your shell that completes commands, options, missions, work packages and agents; `install` puts it into the start file of your shell, once.',
  examples: [
    'spec-kitty completion install',
    'eval "$(spec-kitty completion bash)"',
    'spec-kitty completion install zsh',
  ],
  args: {
    shell: arg(`${SHELLS.join(', ')}, or install`),
    of: optionalArg('with install: the shell (default: that of $SHELL)'),
  },
  writes: 'elsewhere',
  result: Completion,
  run: async (ports, input): Promise<Completion> => {
    if (input.shell === 'install') {
      const { installCompletion } = await import('../completion/install.ts')
      return installCompletion(ports, input.of)
    }
    const shell = SHELLS.find(name => name === input.shell)
    if (shell === undefined || input.of !== undefined) {
      throw new KittyError('invalid_input', `No completion for the shell '${input.of ?? input.shell}'`, {
        hint: sh`Choose from: ${listed(SHELLS)}`,
      })
    }
    return { shell, script: SCRIPTS[shell] }
  },
  verbatim: true,
  text: result => {
    if ('script' in result) return result.script
    const { shell, file, line, changed } = result
    if (!changed) return `${file} has it already: nothing was changed.`
    const undo = line === null ? `delete ${file}` : `delete this line from it: ${line}`
    return `Completion for ${shell} is in ${file}. Open a new terminal to have it; to undo it, ${undo}`
  },
})
