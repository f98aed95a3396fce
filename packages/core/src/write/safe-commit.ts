/** `safe-commit`: a commit of exactly the files listed, whatever else is staged (docs/merge.md). */
import type { SafeCommit } from '@spec-kitty/contracts/cli/safe-commit'
import { KittyError } from '@spec-kitty/contracts/errors'
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { gitPath, type Project } from '../repo/project/locate.ts'
import { isInside, join, relativeTo, resolvePath } from '../text/paths.ts'
import type { Ports, StatusEntry } from '../world/ports.ts'
import { writeProject } from './write.ts'

export interface SafeCommitInput {
  /** Files or directories, relative to the current directory or to the top of the checkout, or absolute. */
  readonly files: readonly string[]
  readonly message: string
  /** Where the commit must land; absent: the branch that is checked out. */
  readonly toBranch?: string | undefined
}

/** Commits in the checkout the user stands in. Refusals carry `result: "error"` beside the usual keys. */
export async function safeCommit(ports: Ports, input: SafeCommitInput): Promise<SafeCommit> {
  try {
    return await commitListed(ports, input)
  } catch (cause) {
    if (!(cause instanceof KittyError)) throw cause
    throw new KittyError(cause.code, cause.message, {
      hint: cause.hint,
      data: { ...cause.data, result: 'error', success: false, committed: false, files: [...input.files] },
      cause,
    })
  }
}

async function commitListed(ports: Ports, input: SafeCommitInput): Promise<SafeCommit> {
  // The checkout the user stands in takes the commit, a lane worktree too: nothing here concerns a mission.
  const place = (project: Project): Project => {
    const { checkout } = project
    return { ...project, root: join(checkout, gitPath(project, '')), top: checkout }
  }
  return await writeProject<SafeCommit>(
    ports,
    { autoCommit: true, anyRepository: true, place },
    async scene => {
      const { project } = scene
      const branch = refuseBranch(project, ports.git.head(project.top).branch, input.toBranch)
      const listed = input.files.map(file => locateFile(ports, project, file))
      const entries = await ports.git.status(project.top, [...new Set(listed.map(item => item.path || '.'))])
      const chosen = select(ports, project, listed, entries)
      const files = [...new Set(chosen.flatMap(item => item.files))].sort(compareCodePoints)
      const directories = chosen.filter(item => item.directory)
      const expansion = directories.map(item => ({ directory: item.path, files: [...item.files] }))
      const answer = (commit: string | null): SafeCommit => ({
        result: 'success',
        success: true,
        committed: commit !== null,
        files: commit === null ? listed.map(item => item.path).sort(compareCodePoints) : files,
        ...(directories.length === 0 ? {} : { expansion }),
        branch,
        commit,
      })
      return {
        paths: files.map(path => join(project.top, path)),
        message: input.message,
        answer: answer(null),
        committed: answer,
      }
    },
  )
}

function refuseBranch(project: Project, branch: string | null, wanted: string | undefined): string {
  const expected = wanted?.replace(/^refs\/heads\//, '')
  if (branch === null) {
    throw new KittyError('not_ready', `safe_commit: ${project.checkout} is on no branch (detached HEAD)`, {
      hint: sh`git switch ${expected ?? 'main'}`,
    })
  }
  if (expected === undefined || expected === branch) return branch
  throw new KittyError(
    'not_ready',
    `safe_commit: worktree ${project.checkout} HEAD is '${branch}', expected '${expected}'`,
    { hint: sh`git switch ${expected}, or give --to-branch ${branch}`, data: { branch, expected } },
  )
}

interface Listed {
  /** Relative to the top of the checkout. */
  readonly path: string
  readonly directory: boolean
}

/** As the shell means it, seen from where the user stands; else from the top of the checkout. */
function locateFile(ports: Pick<Ports, 'env' | 'files'>, project: Project, file: string): Listed {
  const near = resolvePath(ports.env.cwd, file)
  const top = resolvePath(project.checkout, file)
  const path = ports.files.stat(near) === undefined && ports.files.stat(top) !== undefined ? top : near
  const relative = isInside(project.checkout, path) ? relativeTo(project.checkout, path) : undefined
  if (relative === undefined || relative === '.git' || relative.startsWith('.git/')) {
    throw new KittyError('invalid_input', `safe_commit: ${file} is not in the checkout ${project.checkout}`, {
      hint: sh`Give files below ${project.checkout}`,
    })
  }
  if (relative === '.worktrees' || relative.startsWith('.worktrees/')) {
    throw new KittyError('invalid_input', `safe_commit: ${file} lies in a lane worktree`, {
      hint: sh`Commit there: cd ${path} && spec-kitty safe-commit …`,
    })
  }
  return { path: relative, directory: ports.files.stat(path)?.kind === 'directory' }
}

interface Chosen extends Listed {
  readonly files: readonly string[]
}

/** Directories stand for their changed and untracked files; a file must exist or have been deleted. */
function select(
  ports: Pick<Ports, 'files'>,
  project: Project,
  listed: readonly Listed[],
  entries: readonly StatusEntry[],
): readonly Chosen[] {
  const changed = entries.flatMap(entry =>
    entry.from === undefined ? [entry.path] : [entry.path, entry.from],
  )
  return listed.map(item => {
    const files = changed
      .filter(path => isInside(item.path, path) || item.path === '')
      .sort(compareCodePoints)
    if (
      files.length === 0 &&
      !item.directory &&
      ports.files.stat(join(project.checkout, item.path)) === undefined
    ) {
      throw new KittyError('invalid_input', `safe_commit: no such file: ${item.path}`, {
        hint: sh`Check the path; a deleted file must have been committed before`,
      })
    }
    return { ...item, files }
  })
}
