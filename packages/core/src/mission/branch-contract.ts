/** The branches of a planning step, under the names that prompts and scripts read (docs/missions.md). */
import type { BranchContract } from '@spec-kitty/contracts/cli/branch-contract'
import type { Project } from '../repo/project/locate.ts'
import type { Ports } from '../world/ports.ts'

/** `target` is where the finished mission is merged; null current branch: detached. */
export function branchContract(current: string | null, target: string): BranchContract {
  const here = current ?? 'HEAD'
  const summary = `Current branch at workflow start: ${here}. Planning/base branch for this feature: ${target}. Completed changes must merge into ${target}.`
  const names = {
    current_branch: here,
    target_branch: target,
    base_branch: target,
    planning_base_branch: target,
    merge_target_branch: target,
  }
  const matches = here === target
  return {
    ...names,
    branch_matches_target: matches,
    branch_strategy_summary: summary,
    branch_context: {
      ...names,
      expected_checkout_branch: target,
      matches_target: matches,
      branch_strategy_summary: summary,
    },
  }
}

/** The contract of the checkout that holds the missions. */
export function currentContract(
  ports: Pick<Ports, 'git'>,
  project: Project,
  target: string | undefined,
): BranchContract {
  const { branch } = ports.git.head(project.top)
  return branchContract(branch, target ?? branch ?? 'main')
}
