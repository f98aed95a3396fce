import { BranchContext } from '@spec-kitty/contracts/cli/branch-context'
import { branchContext } from '@spec-kitty/core/mission/branch-context'
import { defineCommand, text } from '../../../command.ts'
import { VERSION } from '../../../version.ts'

export const command = defineCommand({
  description: 'Shows which branch a new mission would be planned on and merged into.',
  examples: ['spec-kitty agent mission branch-context --json'],
  flags: { targetBranch: text('branch to merge into (default: the current one)', { value: 'BRANCH' }) },
  result: BranchContext,
  run: async (ports, input): Promise<BranchContext> => ({
    ...(await branchContext(ports, input)),
    spec_kitty_version: VERSION,
  }),
  text: result => `${result.branch_strategy_summary}\n${result.branch_recommendation_reason}`,
})
