/** The branches of a planning step, under the names that prompts and scripts read (docs/missions.md). */
import type { BranchContract } from '@spec-kitty/contracts/cli/branch-contract'
import type { Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import type { Ports } from '../world/ports.ts'

type Ends = Pick<Mission, 'homeBranch' | 'targetBranch'>

/** The mission is planned at home and lands on its target; null current branch: detached. `now`: a time stamp. */
export function branchContract(
  current: string | null,
  { homeBranch: home, targetBranch: target }: Ends,
  now: string,
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
  const said = { ...names, branch_matches_target: matches, branch_strategy_summary: summary }
  const time = `${now.slice(0, 19)}Z`
  return {
    ...said,
    branch_context: {
      ...names,
      expected_checkout_branch: home,
      matches_target: matches,
      branch_strategy_summary: summary,
    },
    CURRENT_BRANCH: here,
    TARGET_BRANCH: target,
    BASE_BRANCH: home,
    PLANNING_BASE_BRANCH: home,
    MERGE_TARGET_BRANCH: target,
    EXPECTED_TARGET_BRANCH: target,
    EXPECTED_BASE_BRANCH: home,
    BRANCH_MATCHES_TARGET: matches,
    NOW_UTC_ISO: time,
    runtime_vars: { now_utc_iso: time, ...said },
  }
}

/** The contract of the checkout that holds the missions. */
export function currentContract(
  ports: Pick<Ports, 'git' | 'clock'>,
  project: Project,
  mission: Ends | undefined,
): BranchContract {
  const { branch } = ports.git.head(project.top)
  const here = branch ?? 'main'
  return branchContract(branch, mission ?? { homeBranch: here, targetBranch: here }, ports.clock.now())
}
