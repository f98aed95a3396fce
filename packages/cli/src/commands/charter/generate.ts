import { CharterGenerate } from '@spec-kitty/contracts/cli/charter'
import { PROFILES } from '@spec-kitty/core/project/charter/questions'
import { generateCharter } from '@spec-kitty/core/project/charter/write'
import { choice, defineCommand, text, toggle } from '../../command.ts'

export const command = defineCommand({
  description:
    'Writes .kittify/charter/charter.md from the answers. From then on it is yours: edit it as you like.',
  examples: ['spec-kitty charter generate', 'spec-kitty charter generate --force --json'],
  flags: {
    fromInterview: toggle('use the answers of `charter interview` (default: yes)'),
    force: toggle('replace a charter that is there', { short: 'f' }),
    profile: choice(PROFILES, 'without an interview: how many rules'),
    missionType: text('kind of mission the rules are for', { value: 'TYPE' }),
    mission: text('old spelling of --mission-type', { value: 'TYPE', hidden: true }),
    templateSet: text('name of the templates', { value: 'NAME' }),
  },
  writes: true,
  result: CharterGenerate,
  run: (ports, input) =>
    generateCharter(ports, {
      missionType: input.missionType ?? input.mission,
      templateSet: input.templateSet,
      fromInterview: input.fromInterview ?? true,
      profile: input.profile ?? 'minimal',
      force: input.force ?? false,
    }),
  text: ({ charter_path, committed }, style) =>
    `${style.green('✓')} ${charter_path} written${committed ? ' and committed' : ''}. Read it, and change what is not yours.`,
})
