/** `context info|list|cleanup`: the workspace contexts on this machine. */
import type { ContextCleanup, ContextInfo, ContextList } from '@spec-kitty/contracts/cli/context'
import { KittyError } from '@spec-kitty/contracts/errors'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { contextsDir, parseContext, type WorkspaceContext } from '../repo/lanes/context.ts'
import { locateProject, type Project } from '../repo/project/locate.ts'
import { isInside, join, relativeTo } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { writeLocal } from '../write/local.ts'

/** All contexts by name; with `orphaned` only those whose worktree or mission is gone. No git process. */
export function listContexts(ports: Ports, input: { readonly orphaned?: boolean | undefined }): ContextList {
  const project = locateProject(ports)
  const all = readContexts(ports, project)
  const workspaces = input.orphaned === true ? all.filter(item => item.orphaned) : all
  return { workspaces: [...workspaces], count: workspaces.length }
}

/** One context: by name, or that of the lane worktree the user stands in. Throws `invalid_input`. */
export function showContext(ports: Ports, input: { readonly workspace?: string | undefined }): ContextInfo {
  const project = locateProject(ports)
  const all = readContexts(ports, project)
  const name = input.workspace ?? standingIn(project)
  const found = all.find(item => item.name === name || item.lane_id === name || item.worktree_path === name)
  if (found !== undefined) return found
  const names = all.map(item => item.name)
  throw new KittyError(
    'invalid_input',
    name === undefined
      ? 'Not in a lane worktree: --workspace is required'
      : `No workspace context is called '${name}'`,
    {
      hint:
        names.length === 0
          ? sh`A context appears with: spec-kitty agent action implement WP01 --agent claude`
          : sh`There are: ${listed(names)}`,
    },
  )
}

/** Removes the contexts that `list --orphaned` shows; worktrees and branches are never touched. */
export async function cleanContexts(
  ports: Ports,
  input: { readonly dryRun?: boolean | undefined },
): Promise<ContextCleanup> {
  const project = locateProject(ports)
  const removed = readContexts(ports, project)
    .filter(item => item.orphaned)
    .map(item => item.name)
  const directory = contextsDir(project.root)
  const gone = removed.map(name => ({ kind: 'delete_file', path: join(directory, `${name}.json`) }) as const)
  if (input.dryRun !== true) await writeLocal(ports, gone)
  return { dry_run: input.dryRun === true, removed, count: removed.length }
}

function standingIn(project: Project): string | undefined {
  const home = join(project.root, '.worktrees')
  return project.checkout !== home && isInside(home, project.checkout)
    ? relativeTo(home, project.checkout)
    : undefined
}

function readContexts(ports: Pick<Ports, 'files'>, project: Project): readonly ContextInfo[] {
  const directory = contextsDir(project.root)
  return ports.files.list(directory).flatMap(file => {
    if (!file.endsWith('.json')) return []
    const path = join(directory, file)
    const context = parseContext(path, ports.files.text(path) ?? '')
    return context === undefined ? [] : [describe(ports, project, file.slice(0, -'.json'.length), context)]
  })
}

function describe(
  ports: Pick<Ports, 'files'>,
  project: Project,
  name: string,
  context: WorkspaceContext,
): ContextInfo {
  const exists = ports.files.stat(join(project.root, context.worktree_path, '.git')) !== undefined
  const mission = ports.files.stat(join(project.root, 'kitty-specs', context.mission_slug)) !== undefined
  return {
    name,
    ...context,
    dependencies: [...context.dependencies],
    lane_wp_ids: [...context.lane_wp_ids],
    lane_test_env: { ...context.lane_test_env },
    exists,
    orphaned: !exists || !mission,
  }
}
