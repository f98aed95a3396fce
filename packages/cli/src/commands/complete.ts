import { CompletionCandidates } from '@spec-kitty/contracts/cli/project-aids'
import { arg, type Command, defineCommand } from '../command.ts'
import { type Candidate, candidates } from '../completion/candidates.ts'
import { createSources } from '../completion/sources.ts'
import { COMMANDS } from './index.ts'

/** For the scripts of `completion`: the words of a command line, a line each, the program's name first. */
export const command = defineCommand({
  description: 'Says what may come next on a command line. For the shell.',
  args: { line: arg('the words so far, one a line') },
  result: CompletionCandidates,
  run: async (ports, { line }): Promise<readonly Candidate[]> => {
    const load = async (path: string): Promise<Command> => {
      const entry = COMMANDS[path]
      if (entry === undefined) throw new Error(`${path} is not in the command tree`)
      return (await entry.load()).command
    }
    const tree = { entries: COMMANDS, load }
    return await candidates(line.split('\n').slice(1), tree, createSources(ports))
  },
  text: found => found.map(({ value, description }) => `${value}\t${description}`).join('\n'),
})
