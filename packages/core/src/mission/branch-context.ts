/** Where a new mission would be planned, and whether a branch of its own is advisable. Reads only. */
import type { BranchContext } from '@spec-kitty/contracts/cli/branch-context'
import { locateProject } from '../repo/project/locate.ts'
import type { Ports } from '../world/ports.ts'
import { currentContract } from './branch-contract.ts'

/** Throws `not_a_repository`. One git process. */
export async function branchContext(
  ports: Ports,
  input: { readonly targetBranch?: string | undefined },
): Promise<Omit<BranchContext, 'spec_kitty_version'>> {
  const project = locateProject(ports)
  const { targetBranch } = input
  const ends = targetBranch === undefined ? undefined : { homeBranch: targetBranch, targetBranch }
  const contract = currentContract(ports, project, ends)
  const current = contract.current_branch
  const heads = await ports.git.refs(project.top, ['refs/heads/main', 'refs/heads/master'])
  const primary = ['main', 'master'].find(name => heads.has(`refs/heads/${name}`)) ?? current
  const onPrimary = current === primary
  const known = {
    primary_branch: primary,
    current_is_primary: onPrimary,
    recommended_strategy: onPrimary ? ('feature-branch' as const) : ('stay' as const),
  }
  const reason = onPrimary
    ? `'${primary}' is the primary branch. A mission that ends in a pull request is better planned on a branch of its own: agent mission create NAME --start-branch BRANCH.`
    : `'${current}' is a branch of its own; the mission can be planned here.`
  return {
    result: 'success',
    repo_root: project.root,
    target_branch_source: input.targetBranch === undefined ? 'current_branch' : 'option',
    next_step: 'Use these branch names in the planning steps; they do not change on the way.',
    ...contract,
    branch_context: { ...contract.branch_context, ...known, reason },
    runtime_vars: { ...contract.runtime_vars, ...known },
    ...known,
    branch_recommendation_reason: reason,
    PRIMARY_BRANCH: primary,
    CURRENT_IS_PRIMARY: onPrimary,
    RECOMMENDED_STRATEGY: known.recommended_strategy,
  }
}
