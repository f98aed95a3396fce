/** A mission that is not in this checkout, and where it is: on another branch. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { gitPath, type Project } from '../repo/project/locate.ts'
import type { Ports } from '../world/ports.ts'

/**
 * The refusal of a handle that names no mission here, with the branch that has it, where one does: local branches
 * before those of remotes. Two processes.
 */
export async function namedElsewhere(
  ports: Pick<Ports, 'git'>,
  project: Project,
  handle: string | undefined,
  cause: unknown,
): Promise<unknown> {
  if (!(cause instanceof KittyError) || handle === undefined) return cause
  if (cause.code !== 'mission_not_found' && cause.code !== 'mission_required') return cause
  const path = gitPath(project, `kitty-specs/${handle}/meta.json`)
  const refs = [...(await ports.git.refs(project.top, ['refs/heads/', 'refs/remotes/']))]
  const objects = ports.git.objects(project.top)
  try {
    for (const [ref, sha] of refs.filter(([name]) => !name.startsWith('refs/heads/kitty/'))) {
      if ((await objects.find(sha, path)) === undefined) continue
      const branch = ref.replace(/^refs\/(?:heads|remotes\/[^/]+)\//, '')
      const message = `Mission ${handle} is not in this checkout: it is on branch ${branch}`
      return new KittyError('mission_not_found', message, {
        hint: sh`git -C ${project.top} switch ${branch}`,
        data: { ...cause.data, message, branch },
      })
    }
  } finally {
    objects.close()
  }
  return cause
}
