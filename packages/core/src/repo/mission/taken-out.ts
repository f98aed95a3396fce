/** A mission that the branch had, and of which files are gone: called missing, they would be written anew. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { few, join } from '../../text/paths.ts'
import type { Ports } from '../../world/ports.ts'
import { gitPath, type Project } from '../project/locate.ts'
import { readStop } from '../project/stop.ts'
import type { Mission } from './handle.ts'

type Eyes = Pick<Ports, 'files' | 'git'>

interface TakenOut {
  readonly paths: readonly string[]
  readonly back: Remedy
  /** The operation of git that is open meanwhile. */
  readonly open: string | undefined
}

/**
 * What is gone of a mission whose meta.json is gone or during an open operation; in the checkout alone, else by a commit.
 * No process where neither is so, up to three else.
 */
export async function takenOut(
  ports: Eyes,
  project: Project,
  { rel }: Pick<Mission, 'rel'>,
): Promise<TakenOut | undefined> {
  const { top } = project
  const folder = gitPath(project, rel)
  const isGone = (path: string): boolean =>
    path.startsWith(`${folder}/`) && ports.files.stat(join(top, path)) === undefined
  const meta = `${folder}/meta.json`
  const stop = await readStop(ports, top)
  if (stop === undefined && !isGone(meta)) return undefined
  const found = (source: string, paths: readonly string[]): TakenOut => ({
    paths,
    open: stop?.name,
    back: sh`git -C ${top} restore --source=${source} --staged --worktree -- ${paths}`,
  })
  const here = (await ports.git.status(top)).flatMap(({ code, path }) =>
    /^(?:D | D)$/.test(code) && isGone(path) ? [path] : [],
  )
  if (here.length > 0) return found('HEAD', here)
  const { sha: head } = ports.git.head(top)
  if (head === null || !isGone(meta)) return undefined
  const [last] = await ports.git.changesOf(top, meta, 'HEAD')
  if (last === undefined) return undefined
  const [source] = await ports.git.resolve(top, [`${last}^`])
  if (source === null || source === undefined) return undefined
  const objects = ports.git.objects(top)
  try {
    const paths = (await objects.diff(head, source)).map(({ path }) => path).filter(isGone)
    return paths.length === 0 ? undefined : found(source, paths)
  } finally {
    objects.close()
  }
}

/** Throws `not_ready` with what brings them back. */
export async function refuseTakenOut(ports: Eyes, project: Project, mission: Mission): Promise<void> {
  const gone = await takenOut(ports, project, mission)
  if (gone === undefined) return
  const files = gone.open === undefined ? 'Files' : `A git ${gone.open} is open in ${project.top}, and files`
  throw new KittyError('not_ready', `${files} of the mission are gone: ${few(gone.paths)}`, {
    hint: sh`Take them back: ${part(gone.back)}`,
    data: { mission_slug: mission.slug },
  })
}
