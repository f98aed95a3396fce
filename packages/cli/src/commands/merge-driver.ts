import { MergeDriver } from '@spec-kitty/contracts/cli/merge-driver'
import { type DriverKind, mergeFiles } from '@spec-kitty/core/status/merge-driver'
import { arg, defineCommand } from '../command.ts'

const WORDS: Readonly<Record<DriverKind, string>> = {
  rows: 'the union of all rows by event id',
  keys: 'key by key, rows of lists by their ids',
  lines: 'the lines of both sides',
  text: 'as git merges text',
}

export const mergeDriver = (name: string, kind: DriverKind) => ({
  command: defineCommand({
    description: `Called by git to merge a file of a mission: ${WORDS[kind]}, written to OURS. Conflict markers and exit 1 where two changes collide.`,
    examples: [`spec-kitty ${name} %O %A %B`],
    args: {
      base: arg('common ancestor'),
      ours: arg('our side; takes the result'),
      theirs: arg('their side'),
    },
    writes: 'elsewhere',
    result: MergeDriver,
    run: async (ports, input) => {
      const result = await mergeFiles(ports, kind, input)
      if (result.problem !== undefined) ports.note(result.problem)
      return result
    },
    status: ({ clean }) => (clean ? 0 : 1),
    text: () => '',
  }),
})
