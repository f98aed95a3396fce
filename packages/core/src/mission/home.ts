/** Where a new mission begins, and where it will land. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { isProtected } from '../repo/project/config.ts'
import { primaryBranch } from '../repo/project/primary.ts'
import { isBranchName } from '../text/branch-name.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { commits } from '../write/commit.ts'
import type { ProjectScene } from '../write/write.ts'
import { refuseMissionBranch, requireBranch } from './target.ts'

export interface BranchInput {
  /** Where it lands. */
  readonly targetBranch?: string | undefined
  /** Where it is planned and lands both. */
  readonly startBranch?: string | undefined
  /** Where it is planned; it lands elsewhere, by pull request. */
  readonly homeBranch?: string | undefined
  readonly prBound?: boolean | undefined
  readonly branchStrategy?: string | undefined
  readonly autoCommit?: boolean | undefined
}

export interface Branches {
  readonly target: string
  /** Takes the bookkeeping; undefined: the target does. */
  readonly home: string | undefined
  /** Goes there. */
  readonly changes: readonly Change[]
}

/**
 * The branches of a new mission. Where the target takes no commits from here, because it is protected or pull requests
 * deliver, the mission begins on a branch of its own, `mission-` and what `fresh` gives, and a note says so.
 * Throws `detached_head`, `invalid_input`.
 */
export function chooseBranches(
  ports: Ports,
  scene: ProjectScene,
  input: BranchInput,
  fresh: () => string,
): Branches {
  const { top } = scene.project
  const { branch } = ports.git.head(top)
  const goTo = (name: string): readonly Change[] =>
    name === branch ? [] : [{ kind: 'switch_branch', checkout: top, branch: name }]
  if (input.startBranch !== undefined) {
    const start = checkStart(input.startBranch, input)
    refuseMissionBranch(ports, scene.project, start)
    return { target: start, home: undefined, changes: goTo(start) }
  }
  if (branch === null) {
    throw new KittyError('detached_head', 'Must be on a branch to create missions (detached HEAD detected)', {
      hint: sh`git switch -c my-work, or pass --start-branch my-work`,
    })
  }
  const target = chooseTarget(ports, scene, input, branch)
  const home = input.homeBranch ?? chooseHome(ports, scene, input, { branch, target, fresh })
  if (home !== undefined) {
    refuseHome(ports, scene, home, target)
    ports.note(`Planned on branch ${home}; it lands on ${target} by pull request.`)
    return { target, home, changes: goTo(home) }
  }
  if (input.prBound === true && target === branch && input.branchStrategy !== 'already-confirmed')
    throw unconfirmed(branch)
  return { target, home: undefined, changes: [] }
}

/** Where a mission that is begun on `branch` lands. Throws `invalid_input`. */
export function chooseTarget(
  ports: Ports,
  { project, config }: ProjectScene,
  { targetBranch, homeBranch }: BranchInput,
  branch: string,
): string {
  if (targetBranch !== undefined && !isBranchName(targetBranch))
    throw badBranch('--target-branch', targetBranch, 'INVALID_TARGET_BRANCH', 'target_branch')
  refuseMissionBranch(ports, project, targetBranch ?? branch)
  if (targetBranch !== undefined) {
    // Whom pull requests deliver to need not be here.
    const local = config.delivery !== 'pull_request' && homeBranch === undefined
    if (local && targetBranch !== branch) requireBranch(ports, project, targetBranch)
    return targetBranch
  }
  // Who stands on a branch of his own plans there for the branch that pull requests go to.
  const own = config.delivery === 'pull_request' || homeBranch === branch
  if (!own || config.protectedBranches.includes(branch)) return branch
  return primaryBranch(ports, project, config) ?? branch
}

function chooseHome(
  ports: Ports,
  { config }: ProjectScene,
  { autoCommit }: BranchInput,
  { branch, target, fresh }: { branch: string; target: string; fresh: () => string },
): string | undefined {
  const guarded = [branch, target].some(name => isProtected(ports, config, name))
  const needed = config.delivery === 'pull_request' || (guarded && commits(config, autoCommit))
  if (!needed) return undefined
  return branch === target || isProtected(ports, config, branch) ? `mission-${fresh()}` : branch
}

function refuseHome(ports: Ports, { config }: ProjectScene, home: string, target: string): void {
  if (!isBranchName(home)) throw badBranch('--home-branch', home, 'HOME_BRANCH_FAILED', 'home_branch')
  const why =
    home === target
      ? 'it is where the mission lands'
      : isProtected(ports, config, home)
        ? 'it is protected'
        : undefined
  if (why === undefined) return
  throw new KittyError('invalid_input', `'${home}' cannot be the home branch: ${why}`, {
    hint: sh`Name another: --home-branch ${`${home}-work`}`,
    data: { home_branch: home, target_branch: target },
  })
}

function checkStart(start: string, { targetBranch: target, homeBranch: home }: BranchInput): string {
  if (!isBranchName(start)) throw badBranch('--start-branch', start, 'START_BRANCH_FAILED', 'start_branch')
  if (home !== undefined) {
    throw new KittyError(
      'invalid_input',
      '--start-branch plans and lands on one branch, --home-branch lands elsewhere: give one of them',
      { hint: sh`Leave --start-branch out`, data: { start_branch: start, home_branch: home } },
    )
  }
  if (target === undefined || target === start) return start
  throw new KittyError(
    'invalid_input',
    '--start-branch and --target-branch must match: a mission stores one planning branch',
    {
      hint: sh`Leave --target-branch out, or plan beside it: --home-branch ${start} --target-branch ${target}`,
      data: { error_code: 'START_BRANCH_TARGET_MISMATCH', start_branch: start, target_branch: target },
    },
  )
}

function badBranch(option: string, name: string, code: string, key: string): KittyError {
  return new KittyError('invalid_input', `Invalid ${option} '${name}': not a valid branch name`, {
    hint: sh`For example: feat/my-work`,
    data: { error_code: code, [key]: name },
  })
}

function unconfirmed(branch: string): KittyError {
  const remediation = sh`Pass --home-branch NAME to plan beside ${branch}, --start-branch NAME to plan and land on a branch of its own, or --branch-strategy already-confirmed to plan on ${branch}`
  return new KittyError(
    'invalid_input',
    `A mission that ends in a pull request would be planned on '${branch}' itself`,
    {
      hint: remediation,
      data: {
        error_code: 'BRANCH_STRATEGY_CONFIRMATION_REQUIRED',
        branch_strategy_gate: 'confirmation_required',
        current_branch: branch,
        merge_target_branch: branch,
        remediation,
      },
    },
  )
}
