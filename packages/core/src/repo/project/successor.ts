/** Where a branch goes on that is gone. */
import { join } from '../../text/paths.ts'
import type { Ports } from '../../world/ports.ts'
import type { Project } from './locate.ts'

/** What every branch of a mission and of its lanes begins with: they go with their mission. */
export const OURS = 'kitty/mission-'

/** Whether a branch was called so before, as its reflog has it. */
export function wasCalled(
  { files }: Pick<Ports, 'files'>,
  { commonDir }: Pick<Project, 'commonDir'>,
  name: string,
  before: string,
): boolean {
  const log = files.text(join(commonDir, 'logs/refs/heads', name)) ?? ''
  return log.includes(`renamed refs/heads/${before} to `)
}

/** What a branch was renamed to, else the branch of the checkout where that is the user's own. One git process. */
export async function successor(
  ports: Pick<Ports, 'files' | 'git'>,
  project: Pick<Project, 'commonDir' | 'top'>,
  branch: string,
): Promise<{ readonly name: string; readonly renamed: boolean } | undefined> {
  const refs = await ports.git.refs(project.top, ['refs/heads/'])
  const names = [...refs.keys()].map(ref => ref.slice('refs/heads/'.length))
  const own = names.filter(name => !name.startsWith(OURS))
  const renamed = own.find(name => wasCalled(ports, project, name, branch))
  if (renamed !== undefined) return { name: renamed, renamed: true }
  const here = own.find(name => name === ports.git.head(project.top).branch)
  return here === undefined ? undefined : { name: here, renamed: false }
}
