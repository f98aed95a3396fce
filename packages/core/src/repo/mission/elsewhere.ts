/** Missions that are not in this checkout, and where they are: in its own history, or on another branch. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import type { Ports } from '../../world/ports.ts'
import { gitPath, locateProject } from '../project/locate.ts'
import { takenOut } from './taken-out.ts'

/**
 * A refusal that found no mission, with the branch that has it, where one does: local branches before those of remotes.
 * Any other error comes back as it is. Two processes.
 */
export async function namedElsewhere(
  ports: Pick<Ports, 'env' | 'files' | 'git'>,
  cause: KittyError,
): Promise<KittyError> {
  const { handle, candidates } = cause.data
  const asked = typeof handle === 'string' ? handle : undefined
  const none = cause.code === 'mission_required' && candidates === undefined
  if (cause.code !== 'mission_not_found' && !none) return cause
  const project = locateProject(ports)
  const { sha: here, branch: on } = ports.git.head(project.top)
  if (here === null) return cause
  const gone =
    asked === undefined || !/^[\w-]+$/.test(asked)
      ? undefined
      : await takenOut(ports, project, { rel: `kitty-specs/${asked}` })
  if (gone !== undefined) {
    const message = `Mission ${asked} was taken out of this checkout`
    return new KittyError('mission_not_found', message, { hint: gone.back, data: { ...cause.data, message } })
  }
  const refs = [...(await ports.git.refs(project.top, ['refs/heads/', 'refs/remotes/']))]
  const home = gitPath(project, 'kitty-specs/')
  const objects = ports.git.objects(project.top)
  try {
    for (const [ref, sha] of refs.filter(([name]) => !name.startsWith('refs/heads/kitty/'))) {
      const paths = sha === here ? [] : (await objects.diff(here, sha)).map(({ path }) => path)
      const slugs = paths.flatMap(path =>
        path.startsWith(home) ? (path.slice(home.length).match(/^[^/]+(?=\/meta\.json$)/) ?? []) : [],
      )
      for (const slug of slugs.filter(name => isNamed(name, asked))) {
        if ((await objects.find(sha, `${home}${slug}/meta.json`)) === undefined) continue
        const branch = ref.replace(/^refs\/(?:heads|remotes\/[^/]+)\//, '')
        const message = `Mission ${slug} is not in this checkout: it is on branch ${branch}`
        // The branch of a remote has what this one took out: nothing is gained by standing on it.
        const back = sh`git -C ${project.top} checkout ${ref.slice('refs/'.length)} -- ${`${home}${slug}`}`
        return new KittyError('mission_not_found', message, {
          hint: branch === on ? back : sh`git -C ${project.top} switch ${branch}`,
          data: { ...cause.data, message, branch },
        })
      }
    }
  } finally {
    objects.close()
  }
  return cause
}

/** By its directory, its name without the id, or the head of its id; any, where none was asked for. */
function isNamed(slug: string, asked: string | undefined): boolean {
  return (
    asked === undefined ||
    slug === asked ||
    slug.slice(0, -9) === asked ||
    slug.slice(-8) === asked.slice(0, 8).toUpperCase()
  )
}
