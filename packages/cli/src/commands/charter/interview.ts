import { CharterInterview } from '@spec-kitty/contracts/cli/charter'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { PROFILES, type Profile, questionsOf } from '@spec-kitty/core/project/charter/questions'
import { earlierAnswers, writeInterview } from '@spec-kitty/core/project/charter/write'
import { askText } from '../../ask.ts'
import { choice, defineCommand, text, toggle } from '../../command.ts'

export const command = defineCommand({
  description:
    'Asks for the rules of this project and writes the answers down. `charter generate` makes the charter of them.',
  examples: [
    'spec-kitty charter interview',
    'spec-kitty charter interview --defaults --profile minimal --json',
  ],
  flags: {
    defaults: toggle('ask nothing: keep the answers there are, and begin with ours elsewhere'),
    profile: choice(PROFILES, 'minimal: seven questions; comprehensive: eleven'),
    missionType: text('kind of mission the rules are for', { value: 'TYPE' }),
    mission: text('old spelling of --mission-type', { value: 'TYPE', hidden: true }),
    selectedParadigms: text('names, separated by commas', { value: 'NAMES' }),
    selectedDirectives: text('rules by name, separated by commas', { value: 'NAMES' }),
    availableTools: text('tools, separated by commas', { value: 'NAMES' }),
    missionSlug: text('accepted for scripts of the Python edition', { value: 'SLUG', hidden: true }),
  },
  writes: true,
  result: CharterInterview,
  run: async (ports, input, session) => {
    const profile = input.profile ?? 'minimal'
    if (input.defaults !== true && !session.interactive()) {
      throw new KittyError(
        'invalid_input',
        'Nobody is there to answer: --defaults is required without a terminal',
        {
          hint: sh`spec-kitty charter interview --defaults`,
        },
      )
    }
    return await writeInterview(ports, {
      profile,
      missionType: input.missionType ?? input.mission,
      answers: input.defaults === true ? {} : await ask(profile, await earlierAnswers(ports)),
      selectedParadigms: listOf(input.selectedParadigms),
      selectedDirectives: listOf(input.selectedDirectives),
      availableTools: listOf(input.availableTools),
    })
  },
  text: ({ interview_path }, style) =>
    `${style.green('✓')} Answers written to ${interview_path}.\nNext: spec-kitty charter generate`,
})

function listOf(words: string | undefined): readonly string[] | undefined {
  return words
    ?.split(',')
    .map(word => word.trim())
    .filter(word => word !== '')
}

async function ask(
  profile: Profile,
  earlier: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const answers: Record<string, string> = {}
  for (const { key, question, fallback } of questionsOf(profile)) {
    answers[key] = await askText(question, earlier[key] ?? fallback)
  }
  return answers
}
