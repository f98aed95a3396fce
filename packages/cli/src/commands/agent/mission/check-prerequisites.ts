import { CheckPrerequisitesCommand } from '@spec-kitty/contracts/cli/check-prerequisites'
import { checkPrerequisites, missionPathList } from '@spec-kitty/core/mission/prerequisites'
import { defineCommand, missionFlag, toggle } from '../../../command.ts'
import { VERSION } from '../../../version.ts'

export const command = defineCommand({
  description: 'Lists the documents of a mission. Exit status 1 when a required one is missing.',
  examples: ['spec-kitty agent mission check-prerequisites --json --include-tasks'],
  flags: {
    mission: missionFlag,
    pathsOnly: toggle('only paths, in the form of shell variables'),
    includeTasks: toggle('tasks.md is required too'),
  },
  result: CheckPrerequisitesCommand,
  run: (ports, input) => ({
    ...(input.pathsOnly === true ? missionPathList(ports, input) : checkPrerequisites(ports, input)),
    spec_kitty_version: VERSION,
  }),
  status: result => ('valid' in result && !result.valid ? 1 : 0),
  text: result => {
    const documents = [result.FEATURE_DIR, ...result.available_docs.map(name => `  ${name}`)]
    return [...documents, ...('errors' in result ? result.errors : [])].join('\n')
  },
})
