/** The files of git, read by hand where a process would cost more than the answer (gitrepository-layout(5)). */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve as resolvePath } from 'node:path'
import { KittyError } from '@spec-kitty/contracts/errors'
import { parseSha, type Sha } from '@spec-kitty/contracts/ids'
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { errnoOf, ioFailed, isAbsent } from '../fault.ts'

/** References by full name, read from the files of git: no process. Names that do not exist are absent. */
export function readRefs(checkout: string, names: readonly string[]): ReadonlyMap<string, Sha> {
  const commonDir = commonDirOf(findGitDir(checkout))
  const found = new Map<string, Sha>()
  for (const name of names) {
    const sha = readRef(commonDir, name)
    if (sha) found.set(name, sha)
  }
  return found
}

/** One reference by its full name; undefined when there is none. */
export function readRef(commonDir: string, ref: string): Sha | undefined {
  const at = finalRef(commonDir, ref)
  const loose = textOrUndefined(join(commonDir, at))
  return loose === undefined ? packedRef(commonDir, at) : parseSha(loose.trim())
}

/** The branch that a short name stands for: itself, but where somebody made it a symbolic reference to another one. */
export function finalBranch(checkout: string, branch: string): string {
  return finalRef(commonDirOf(findGitDir(checkout)), `refs/heads/${branch}`).replace(/^refs\/heads\//, '')
}

function finalRef(commonDir: string, ref: string): string {
  let at = ref
  // Git follows no more.
  for (let depth = 0; depth < 5; depth++) {
    const text = textOrUndefined(join(commonDir, at))
    if (text?.startsWith('ref: ') !== true) break
    at = text.slice(5).trim()
  }
  return at
}

/** The directory that all worktrees share. */
export function commonDirOf(gitDir: string): string {
  const pointer = textOrUndefined(join(gitDir, 'commondir'))?.trim()
  return pointer === undefined ? gitDir : resolvePath(gitDir, pointer)
}

/** The checked-out branch (null when detached) and its commit (null when unborn). Throws `not_a_repository`. */
export function readHead(checkout: string): Head {
  return headOf(findGitDir(checkout))
}

export interface Head {
  readonly branch: string | null
  readonly sha: Sha | null
}

/** The same from a git directory. */
export function headOf(gitDir: string): Head {
  const head = textOrUndefined(join(gitDir, 'HEAD'))?.trim()
  if (head === undefined)
    throw new KittyError('not_a_repository', `${gitDir} is not a git directory`, { hint: sh`git init` })
  if (!head.startsWith('ref: ')) return { branch: null, sha: parseSha(head) ?? null }
  const ref = head.slice(5).trim()
  if (ref === 'refs/heads/.invalid')
    throw new KittyError(
      'git_failed',
      `${gitDir} keeps its references as a reftable, which is not supported`,
      {
        hint: sh`git refs migrate --ref-format=files`,
      },
    )
  const commonDir = commonDirOf(gitDir)
  const branch = finalRef(commonDir, ref).replace(/^refs\/heads\//, '')
  return { branch, sha: readRef(commonDir, ref) ?? null }
}

/** `.git` of a checkout: a directory, or a file that names one (linked worktree, submodule). */
export function findGitDir(checkout: string): string {
  const dotGit = join(checkout, '.git')
  if (statSync(dotGit, { throwIfNoEntry: false })?.isDirectory()) return dotGit
  const pointer = /^gitdir: (.+)$/m.exec(textOrUndefined(dotGit) ?? '')?.[1]
  if (pointer === undefined)
    throw new KittyError('not_a_repository', `${checkout} is not the top of a git checkout`, {
      hint: sh`git init`,
    })
  return isAbsolute(pointer) ? pointer : resolvePath(checkout, pointer)
}

/** The linked worktrees that git remembers, each with its administrative directory. */
export function registered(commonDir: string): readonly { readonly path: string; readonly admin: string }[] {
  return namesIn(join(commonDir, 'worktrees')).flatMap(name => {
    const admin = join(commonDir, 'worktrees', name)
    const pointer = textOrUndefined(join(admin, 'gitdir'))?.trim()
    return pointer === undefined ? [] : [{ path: dirname(resolvePath(admin, pointer)), admin }]
  })
}

function namesIn(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory).sort(compareCodePoints) : []
}

function packedRef(commonDir: string, ref: string): Sha | undefined {
  const packed = textOrUndefined(join(commonDir, 'packed-refs')) ?? ''
  for (const line of packed.split('\n')) {
    if (line.endsWith(` ${ref}`)) return parseSha(line.slice(0, line.indexOf(' ')))
  }
  return undefined
}

/** Text of a file, undefined when there is none. Throws `io_failed`. */
export function textOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    // A branch `a` is looked for where branches `a/b` have made a directory.
    if (isAbsent(cause) || errnoOf(cause) === 'EISDIR') return undefined
    throw ioFailed('read', path, cause)
  }
}
