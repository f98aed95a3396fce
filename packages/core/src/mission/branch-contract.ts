/** The branches of a planning step, under the names that prompts and scripts read (docs/missions.md). */
import type { BranchContract } from '@spec-kitty/contracts/cli/branch-contract'
import type { Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import type { Ports } from '../world/ports.ts'

type Ends = Pick<Mission, 'homeBranch' | 'targetBranch'>

/** The mission is planned at home and lands on its target; null current branch: detached. */
export function branchContract(
  current: string | null,
  { homeBranch: home, targetBranch: target }: Ends,
): BranchContract {
  const here = current ?? 'HEAD'
  const summary = `Current branch at workflow start: ${here}. Planning/base branch for this feature: ${home}. Completed changes must merge into ${target}.`
  const names = {
    current_branch: here,
    target_branch: target,
    base_branch: home,
    planning_base_branch: home,
    merge_target_branch: target,
  }
  const matches = here === home
  return {
    ...names,
    branch_matches_target: matches,
    branch_strategy_summary: summary,
    branch_context: {
      ...names,
      expected_checkout_branch: home,
      matches_target: matches,
      branch_strategy_summary: summary,
    },
  }
}

/** The contract of the checkout that holds the missions. */
export function currentContract(
  ports: Pick<Ports, 'git'>,
  project: Project,
  mission: Ends | undefined,
): BranchContract {
  const { branch } = ports.git.head(project.top)
  const here = branch ?? 'main'
  return branchContract(branch, mission ?? { homeBranch: here, targetBranch: here })
}
