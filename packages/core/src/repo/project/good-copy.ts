/**
 * The last copy of a file that can be read, for every remedy that puts one back: what the head has may be as broken as
 * what lies on disk.
 */
import { KittyError, type Restore } from '@spec-kitty/contracts/errors'
import { part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { relativeTo } from '../../text/paths.ts'
import type { Ports } from '../../world/ports.ts'
import { locateProject } from './locate.ts'

/**
 * The first of these revisions, else the last commit behind the head, else behind any reference, whose copy of a file
 * can be read. `path` is relative to the top. One process, up to two more.
 */
export async function goodRevision(
  { git }: Pick<Ports, 'git'>,
  top: string,
  path: string,
  read: Restore['read'],
  first: readonly string[] = ['HEAD'],
): Promise<string | undefined> {
  const objects = git.objects(top)
  const among = async (revisions: readonly string[]) => {
    for (const revision of revisions) {
      const [bytes] = await objects.blobs([`${revision}:${path}`])
      if (bytes !== undefined && isTaken(read, new TextDecoder().decode(bytes))) return revision
    }
    return undefined
  }
  try {
    return (
      (await among(first)) ??
      (await among(await git.changesOf(top, path, 'HEAD'))) ??
      (await among(await git.changesOf(top, path, '--all')))
    )
  } finally {
    objects.close()
  }
}

function isTaken(read: Restore['read'], text: string): boolean {
  try {
    read(text)
    return true
  } catch {
    return false
  }
}

/** The command that takes the last good copy back, or what to do where there is none. */
export async function goodCopy(
  ports: Pick<Ports, 'git'>,
  { top }: { readonly top: string },
  { path, read, otherwise, say = command => command }: Restore,
): Promise<Remedy> {
  const name = relativeTo(top, path)
  const revision = await goodRevision(ports, top, name, read)
  return revision === undefined ? otherwise : say(sh`git -C ${top} checkout ${revision} -- ${name}`)
}

/** A refusal that is about one file, with the commit that has it whole; any other comes back as it is. */
export async function withGoodCopy(
  ports: Pick<Ports, 'env' | 'files' | 'git'>,
  cause: KittyError,
): Promise<KittyError> {
  const { restore } = cause
  if (restore === undefined) return cause
  const remedy = await goodCopy(ports, locateProject(ports), restore)
  const hint =
    remedy === restore.otherwise
      ? sh`No commit has a copy that can be read. Mend it by hand, or: ${part(remedy)}`
      : sh`Mend it, or take the last good version: ${part(remedy)}`
  return new KittyError(cause.code, cause.message, { hint, data: cause.data, cause })
}
