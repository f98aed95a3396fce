import { OrchestratorContractVersion } from '@spec-kitty/contracts/cli/orchestrator-api'
import { contractVersion } from '@spec-kitty/core/orchestrator/version'
import { text } from '../../command.ts'
import { defineApiCommand } from './api-command.ts'

export const command = defineApiCommand({
  name: 'contract-version',
  description:
    'Tells which version of the contract this host speaks, and refuses an orchestrator that is too old.',
  examples: ['spec-kitty orchestrator-api contract-version --provider-version 0.1.2'],
  flags: { providerVersion: text('version of the orchestrator', { value: 'VERSION' }) },
  result: OrchestratorContractVersion,
  run: (_ports, input) => contractVersion(input.providerVersion),
})
