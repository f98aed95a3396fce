import { MissionCreate } from '@spec-kitty/contracts/cli/mission-create'
import { slugify } from '@spec-kitty/core/mission/create'
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
    const friendlyName = input.friendlyName ?? (name === title || name === '' ? undefined : title.trim())
    return create(ports, { ...input, name: name === '' ? title : name, friendlyName })
  },
  text: createdText,
})
