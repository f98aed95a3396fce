/** One bookkeeping commit per command, and the refusal on a protected branch. */
import { KittyError, unlessRefusedLater } from '@spec-kitty/contracts/errors'
import type { Sha } from '@spec-kitty/contracts/ids'
import { part, sh } from '@spec-kitty/contracts/sh'
import { isProtected, type ProjectConfig } from '../repo/project/config.ts'
import type { Project } from '../repo/project/locate.ts'
import { readStop } from '../repo/project/stop.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'

interface CommitRequest {
  /** Absolute paths: exactly the files the command wrote. */
  readonly paths: readonly string[]
  readonly message: string
  /** The command's `--[no-]auto-commit`; absent: the configuration decides. */
  readonly autoCommit?: boolean | undefined
}

async function refuseOpenOperation(ports: Pick<Ports, 'files' | 'git'>, { top }: Project): Promise<void> {
  const open = await readStop(ports, top)
  if (open === undefined) return
  throw new KittyError('not_ready', `A git ${open.name} is open in ${top}: nothing is committed into it`, {
    hint: sh`Finish it there: ${part(open.goOn)} · or drop it with what was resolved: git -C ${top} ${open.abort.split(' ')} · or commit nothing: --no-auto-commit`,
  })
}

function detached(top: string, sha: Sha | null): KittyError {
  return new KittyError(
    'detached_head',
    `${top} is on no branch: what is committed there is lost with the next switch`,
    {
      hint: sh`Stand on a branch: git -C ${top} switch -c ${`work-${sha?.slice(0, 12)}`} · or commit nothing: --no-auto-commit`,
    },
  )
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

/** Whether a commit on the branch that is checked out would be made and not refused. */
export async function commitsAllowed(
  ports: Pick<Ports, 'env' | 'files' | 'git'>,
  project: Project,
  config: ProjectConfig,
): Promise<boolean> {
  const allowed = () => refuseProtected(ports, project, config).then(() => commits(config, undefined))
  return await unlessRefusedLater(allowed, () => false)
}

/**
 * Refuses a command that would commit where it may not; call it before anything is written. On a detached HEAD the next
 * switch would drop the commit, and into an open merge git commits no single files.
 * `into`: the branch that the command goes to before it commits.
 * Throws `protected_branch`, `detached_head`, `not_ready`.
 */
export async function refuseProtected(
  ports: Pick<Ports, 'env' | 'files' | 'git'>,
  project: Project,
  config: ProjectConfig,
  autoCommit?: boolean,
  into?: string,
): Promise<void> {
  if (!commits(config, autoCommit)) return
  const head = ports.git.head(project.top)
  const branch = into ?? head.branch
  await refuseOpenOperation(ports, project)
  if (branch === null) throw detached(project.top, head.sha)
  if (!isProtected(ports, config, branch)) return
  throw new KittyError(
    'protected_branch',
    `Branch '${branch}' is protected: this command would commit to it`,
    {
      hint: sh`Work on another branch (git switch -c my-work), leave the files uncommitted (--no-auto-commit), or take ${branch} out of protected_branches in .kittify/config.yaml`,
      data: { branch },
    },
  )
}
