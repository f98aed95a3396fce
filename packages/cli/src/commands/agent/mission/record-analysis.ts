import { RecordAnalysis } from '@spec-kitty/contracts/cli/record-analysis'
import { recordAnalysis } from '@spec-kitty/core/mission/analysis'
import { autoCommitFlag, defineCommand, missionFlag, text } from '../../../command.ts'
import { VERSION } from '../../../version.ts'

export const command = defineCommand({
  description:
    'Files the report of /spec-kitty.analyze as analysis-report.md and commits it. It is advice, not a gate.',
  examples: ['spec-kitty agent mission record-analysis --input-file /tmp/report.md --agent claude'],
  flags: {
    mission: missionFlag,
    inputFile: text('the report, Markdown', { value: 'FILE', required: true }),
    agent: text('who analysed', { value: 'NAME' }),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: RecordAnalysis,
  run: async (ports, input): Promise<RecordAnalysis> => ({
    ...(await recordAnalysis(ports, input)),
    spec_kitty_version: VERSION,
  }),
  text: result =>
    `Recorded the analysis of ${result.mission_slug} (verdict: ${result.verdict}) in ${result.path}.`,
})
