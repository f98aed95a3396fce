/** `doctor state-roots`: what lives where, and whether git is to see it. */
import type { DoctorStateRoots } from '@spec-kitty/contracts/cli/doctor'
import { IGNORED } from '../project/git-files.ts'
import { locateProject, type Project } from '../repo/project/locate.ts'
import { join } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'

type Surface = DoctorStateRoots['surfaces'][number]
type Row = Pick<Surface, 'name' | 'path_pattern' | 'authority' | 'git_class'>

const row = (
  name: string,
  pattern: string,
  authority: Surface['authority'],
  gitClass: Surface['git_class'],
): Row => ({ name, path_pattern: pattern, authority, git_class: gitClass })

/** Of the project. Those in the git directory begin with `.git/`. */
const PROJECT: readonly Row[] = [
  row('project_config', '.kittify/config.yaml', 'authoritative', 'tracked'),
  row('project_metadata', '.kittify/metadata.yaml', 'authoritative', 'tracked'),
  row('project_manifest', '.kittify/manifest.json', 'authoritative', 'tracked'),
  row('charter', '.kittify/charter/', 'authoritative', 'tracked'),
  row('missions', 'kitty-specs/', 'authoritative', 'tracked'),
  row('dashboard_control', '.kittify/.dashboard', 'local', 'ignored'),
  row('workspace_context', '.kittify/workspaces/', 'local', 'ignored'),
  row('merge_resume_state', '.kittify/merge-state.json', 'local', 'ignored'),
  row('runtime_state', '.kittify/runtime/', 'local', 'ignored'),
  row('derived_views', '.kittify/derived/', 'derived', 'ignored'),
  row('lane_worktrees', '.worktrees/', 'local', 'ignored'),
  row('mission_locks', '.git/spec-kitty-locks/', 'local', 'git_internal'),
  row('merge_journals', '.git/spec-kitty-merge/', 'local', 'git_internal'),
  row('repair_backups', '.git/spec-kitty-backups/', 'local', 'git_internal'),
]

/** No git process. */
export function stateRoots(ports: Pick<Ports, 'env' | 'files'>): DoctorStateRoots {
  const project = locateProject(ports)
  const home = ports.env.get('HOME') ?? ''
  const roots: DoctorStateRoots['roots'] = [
    root(ports, 'project', 'Project', project.root),
    root(
      ports,
      'global_runtime',
      'Home of the Python edition; this edition has none',
      join(home, '.kittify'),
    ),
    root(ports, 'global_sync', 'Login and sync queue', join(home, '.spec-kitty')),
  ]
  const lines = new Set((ports.files.text(join(project.root, '.gitignore')) ?? '').split(/\r?\n/).map(plain))
  const exclude = ports.files.text(join(project.commonDir, 'info', 'exclude')) ?? ''
  for (const line of exclude.split(/\r?\n/)) lines.add(plain(line))
  const surfaces = PROJECT.map(item => describe(ports, project, item, lines))
  return { healthy: surfaces.every(surface => surface.warning === null), roots, surfaces }
}

function root(
  ports: Pick<Ports, 'files'>,
  name: DoctorStateRoots['roots'][number]['name'],
  label: string,
  path: string,
): DoctorStateRoots['roots'][number] {
  return { name, label, resolved_path: path, exists: ports.files.stat(path) !== undefined }
}

const plain = (line: string): string => line.trim().replace(/^\//, '').replace(/\/$/, '')

function describe(
  ports: Pick<Ports, 'files'>,
  project: Project,
  item: Row,
  lines: ReadonlySet<string>,
): Surface {
  const internal = item.git_class === 'git_internal'
  const base = internal ? project.commonDir : project.root
  const present = ports.files.stat(join(base, item.path_pattern.replace(/^\.git\//, ''))) !== undefined
  const covered = internal || lines.has(plain(item.path_pattern))
  const exposed = item.git_class === 'ignored' && present && !covered && IGNORED.includes(item.path_pattern)
  const warning = exposed ? `${item.path_pattern} is local to this machine, but git does not ignore it` : null
  return { ...item, root: 'project', present, gitignore_covered: covered, warning }
}
