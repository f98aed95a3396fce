/** One bookkeeping commit per command, and the refusal on a protected branch. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import type { ProjectConfig } from '../repo/project/config.ts'
import type { Project } from '../repo/project/locate.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'

interface CommitRequest {
  /** Absolute paths: exactly the files the command wrote. */
  readonly paths: readonly string[]
  readonly message: string
  /** The command's `--[no-]auto-commit`; absent: the configuration decides. */
  readonly autoCommit?: boolean | undefined
}

/** The commit of a command's files; no change at all when committing is switched off. */
export function planCommit(
  project: Project,
  config: ProjectConfig,
  request: CommitRequest,
): readonly Change[] {
  if (!commits(config, request.autoCommit)) return []
  return [{ kind: 'commit', checkout: project.top, paths: request.paths, message: request.message }]
}

/** Whether a command with this `--[no-]auto-commit` commits what it writes. */
export function commits(config: ProjectConfig, autoCommit: boolean | undefined): boolean {
  return autoCommit ?? config.autoCommit
}

/**
 * Refuses a command that would commit on a protected branch; call it before anything is written.
 * `into`: the branch that the command goes to before it commits.
 * Throws `protected_branch`.
 */
export function refuseProtected(
  ports: Pick<Ports, 'env' | 'git'>,
  project: Project,
  config: ProjectConfig,
  autoCommit?: boolean,
  into?: string,
): void {
  if (!commits(config, autoCommit) || config.protectedBranches.length === 0) return
  if (/^(1|true|yes)$/i.test(ports.env.get('SPEC_KITTY_ALLOW_PROTECTED_BRANCH_COMMITS') ?? '')) return
  const branch = into ?? ports.git.head(project.top).branch
  if (branch === null || !config.protectedBranches.includes(branch)) return
  throw new KittyError(
    'protected_branch',
    `Branch '${branch}' is protected: this command would commit to it`,
    {
      hint: sh`Work on another branch (git switch -c my-work), leave the files uncommitted (--no-auto-commit), or take ${branch} out of protected_branches in .kittify/config.yaml`,
      data: { branch },
    },
  )
}
