/** `uninstall`: takes out of the project what `init` put in, and nothing else. Missions stay. */
import type { Uninstall } from '@spec-kitty/contracts/cli/uninstall'
import { KittyError } from '@spec-kitty/contracts/errors'
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import type { Project } from '../repo/project/locate.ts'
import { dirname, join, relativeTo } from '../text/paths.ts'
import { type Change, written } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { rehearse } from '../write/rehearse.ts'
import { writeProject } from '../write/write.ts'
import { type Program, readAgentFacts } from './agent-config/facts.ts'
import { planFiles } from './agent-config/plan.ts'
import { AGENTS } from './agents.ts'
import { ATTRIBUTES, IGNORED, withoutLines, withoutMergeDriver } from './git-files.ts'
import { MANIFEST_PATH } from './manifest.ts'

export interface UninstallInput {
  readonly dryRun?: boolean | undefined
  readonly autoCommit?: boolean | undefined
}

/** Settings and records of the project itself; they say nothing without the program. */
const OWN = ['.kittify/config.yaml', '.kittify/metadata.yaml', MANIFEST_PATH]
/** Can be computed again, and would show up once our ignore lines are gone. */
const CACHES = ['.kittify/derived', '.kittify/workspaces']

/**
 * Throws `no_project` where this edition set nothing up, `not_ready` while lane worktrees exist,
 * `protected_branch`, `file_malformed`.
 */
export async function uninstall(ports: Ports, program: Program, input: UninstallInput): Promise<Uninstall> {
  const dryRun = input.dryRun === true
  const stage = dryRun ? rehearse(ports).ports : ports
  return await writeProject<Uninstall>(stage, input, async ({ project }) => {
    refuseUnready(stage, project)
    const facts = await readAgentFacts(stage, program)
    const agents = planFiles(facts, [], AGENTS)
    const own = OWN.filter(path => stage.files.stat(join(project.root, path)) !== undefined)
    const caches = CACHES.flatMap(directory => filesBelow(stage, join(project.root, directory)))
    // The manifest goes as a whole, so what the agents' plan makes of it does not matter.
    const files: Change[] = [
      ...agents.changes.filter(one => !('path' in one) || one.path !== join(project.root, MANIFEST_PATH)),
      ...lines(stage, project),
      ...[...own.map(path => join(project.root, path)), ...caches].map(
        (path): Change => ({ kind: 'delete_file', path }),
      ),
    ]
    const driver = driverChange(stage, project)
    const tracked = written(files).filter(path => !caches.includes(path))
    const names = (kind: Change['kind']) =>
      tracked
        .filter(path => files.some(one => one.kind === kind && 'path' in one && one.path === path))
        .map(path => relativeTo(project.root, path))
        .sort(compareCodePoints)
    const answer = (committed: boolean): Uninstall => ({
      result: 'success',
      dry_run: dryRun,
      project_root: project.root,
      deleted: names('delete_file'),
      cleaned: names('write_file'),
      kept: keptFiles(facts.known.keys(), facts.existing, tracked, project),
      merge_driver_removed: driver.length > 0,
      committed,
      notes: notes(stage, project, [...tracked, ...caches]),
    })
    return {
      files: [...files, ...emptied(project, files), ...driver],
      paths: tracked,
      message: 'Remove Spec Kitty',
      answer: answer(false),
      committed: () => answer(true),
    }
  })
}

function refuseUnready(ports: Pick<Ports, 'files'>, project: Project): void {
  if (ports.files.stat(join(project.root, MANIFEST_PATH)) === undefined) {
    throw new KittyError('no_project', `This edition set nothing up in ${project.root}`, {
      hint: sh`There is nothing to remove; files of the Python edition are yours to delete: git rm -r .kittify`,
    })
  }
  const lanes = ports.files.list(join(project.root, '.worktrees'))
  if (lanes.length === 0) return
  throw new KittyError('not_ready', `Work packages are being worked on: .worktrees has ${lanes.join(', ')}`, {
    hint: sh`Merge or close their missions first: spec-kitty mission list`,
    data: { worktrees: [...lanes] },
  })
}

/** Our lines out of the files that git reads; a file without any other line goes. */
function lines(ports: Pick<Ports, 'files'>, project: Project): readonly Change[] {
  const ours = [
    ['.gitignore', IGNORED],
    ['.gitattributes', ATTRIBUTES],
  ] as const
  return ours.flatMap(([name, wanted]): Change[] => {
    const path = join(project.root, name)
    const before = ports.files.text(path)
    const content = before === undefined ? before : withoutLines(before, wanted)
    if (before === content) return []
    if (content === undefined) return [{ kind: 'delete_file', path }]
    return [{ kind: 'write_file', path, content, expect: before ?? null }]
  })
}

function driverChange(ports: Pick<Ports, 'files'>, project: Project): readonly Change[] {
  const path = join(project.commonDir, 'config')
  const before = ports.files.text(path) ?? ''
  const content = withoutMergeDriver(before)
  return content === undefined ? [] : [{ kind: 'write_file', path, content, expect: before }]
}

function filesBelow(ports: Pick<Ports, 'files'>, directory: string): readonly string[] {
  if (ports.files.stat(directory)?.kind !== 'directory') return []
  return ports.files.list(directory).flatMap(name => {
    const path = join(directory, name)
    return ports.files.stat(path)?.kind === 'directory' ? filesBelow(ports, path) : [path]
  })
}

/** The directories above deleted files, deepest first; those that hold something stay. */
function emptied(project: Project, changes: readonly Change[]): readonly Change[] {
  const above = new Set<string>()
  for (const one of changes) {
    if (one.kind !== 'delete_file') continue
    for (let at = dirname(one.path); at.length > project.root.length; at = dirname(at)) above.add(at)
  }
  return [...above]
    .sort((a, b) => b.length - a.length || compareCodePoints(a, b))
    .map(path => ({ kind: 'delete_file', path, directory: true }))
}

/** Ours once, and still there in somebody's words. */
function keptFiles(
  known: Iterable<string>,
  existing: ReadonlyMap<string, string>,
  gone: readonly string[],
  project: Project,
): string[] {
  return [...known]
    .filter(path => existing.has(path) && !gone.includes(join(project.root, path)))
    .sort(compareCodePoints)
}

function notes(ports: Pick<Ports, 'files'>, project: Project, gone: readonly string[]): string[] {
  const missions = ports.files.list(join(project.root, 'kitty-specs')).length
  const others = filesBelow(ports, join(project.root, '.kittify'))
    .filter(path => !gone.includes(path))
    .map(path => relativeTo(project.root, path))
  return [
    ...(missions > 0 ? [`Your missions stay in kitty-specs (${missions}).`] : []),
    ...(others.length > 0 ? [`Not written by init, so left alone: ${others.join(', ')}`] : []),
  ]
}
