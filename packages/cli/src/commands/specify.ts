import { MissionCreate } from '@spec-kitty/contracts/cli/mission-create'
import { slugify } from '@spec-kitty/core/text/slug'
import { arg, defineCommand } from '../command.ts'
import { create, createdText, createFlags } from './agent/mission/create.ts'

export const command = defineCommand({
  description: 'Makes a mission from a title: the same as `agent mission create`, which takes a name.',
  examples: ['spec-kitty specify "Log in with a passkey"'],
  args: { title: arg('title or name of the mission') },
  flags: createFlags,
  writes: true,
  result: MissionCreate,
  run: (ports, { title, ...input }) => {
    const name = slugify(title)
    // A title in letters that no name can hold is still a title.
    const named = name || (/[\p{L}\p{N}]/u.test(title) ? 'mission' : title)
    const titled = named === title ? undefined : title.trim()
    return create(ports, { ...input, name: named, friendlyName: input.friendlyName ?? titled })
  },
  text: createdText,
})
