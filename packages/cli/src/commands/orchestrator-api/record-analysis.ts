import { OrchestratorRecordAnalysis } from '@spec-kitty/contracts/cli/orchestrator-api'
import { fileAnalysis } from '@spec-kitty/core/orchestrator/design'
import { text } from '../../command.ts'
import { defineApiCommand, handleFlag, policyFlag } from './api-command.ts'

export const command = defineApiCommand({
  name: 'record-analysis',
  description: 'Files the report of an analysis; a report without a verdict is refused.',
  examples: [
    'spec-kitty orchestrator-api record-analysis --mission hello --input-file report.md --policy "$POLICY"',
  ],
  flags: {
    mission: handleFlag,
    inputFile: text('the report, Markdown; - reads stdin (default)', { value: 'FILE' }),
    agent: text('who analysed', { value: 'NAME' }),
    policy: policyFlag,
  },
  writes: true,
  result: OrchestratorRecordAnalysis,
  run: (ports, input) => fileAnalysis(ports, { ...input, inputFile: input.inputFile ?? '-' }),
})
