/** The branch that everybody's work ends up on. */
import { join } from '../../text/paths.ts'
import type { Ports } from '../../world/ports.ts'
import type { ProjectConfig } from './config.ts'
import type { Project } from './locate.ts'

/** The default branch of the remote, `origin` before others, as the clone noted it. Reads files only. */
export function remoteDefault(
  { files }: Pick<Ports, 'files'>,
  { commonDir }: Pick<Project, 'commonDir'>,
): string | undefined {
  const home = join(commonDir, 'refs/remotes')
  for (const remote of ['origin', ...files.list(home)]) {
    const text = files.text(join(home, remote, 'HEAD')) ?? ''
    const prefix = `ref: refs/remotes/${remote}/`
    if (text.startsWith(prefix)) return text.slice(prefix.length).trim()
  }
  return undefined
}

/** Where a pull request goes when nobody says: the remote's default branch, else a protected one, else main or master. */
export function primaryBranch(
  ports: Pick<Ports, 'files' | 'git'>,
  project: Project,
  config: Pick<ProjectConfig, 'protectedBranches'>,
): string | undefined {
  const usual = ['main', 'master']
  const known = ports.git.named(
    project.top,
    usual.map(name => `refs/heads/${name}`),
  )
  return (
    remoteDefault(ports, project) ??
    config.protectedBranches[0] ??
    usual.find(name => known.has(`refs/heads/${name}`))
  )
}
