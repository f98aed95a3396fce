/** Worktrees and local caches never show up in `git status`, also where another edition initialised the project. */

import { join, relativeTo } from '../../text/paths.ts'
import type { WriteFile } from '../../world/change.ts'
import type { Ports } from '../../world/ports.ts'
import { gitPath, type Project } from '../project/locate.ts'

const LOCAL = ['.worktrees/', '.kittify/workspaces/', '.kittify/runtime/'] as const

/**
 * Adds what `.gitignore` does not cover to the repository's own exclude list: local, never committed.
 * No change when all is covered. An entry too many does no harm, so only plain lines are recognised.
 */
export function ignoreChanges(ports: Pick<Ports, 'files'>, project: Project): readonly WriteFile[] {
  const path = join(project.commonDir, 'info', 'exclude')
  const exclude = ports.files.text(path)
  const own = rulesOf(ports.files.text(join(project.root, '.gitignore')))
  const top = rulesOf(`${ports.files.text(join(project.top, '.gitignore')) ?? ''}\n${exclude ?? ''}`)
  const missing = LOCAL.filter(entry => {
    const path = entry.slice(0, -1)
    return !covers(own, path) && !covers(top, gitPath(project, path))
  })
  if (missing.length === 0) return []
  const entries = missing.map(entry => `/${gitPath(project, entry)}`)
  return [withEntries(path, exclude, entries)]
}

/**
 * Keeps what was copied into the worktree `top` out of every commit: it may hold secrets, and git does not know it in
 * the primary checkout either. For all worktrees, because git has one list of them.
 */
export function hideChanges(
  ports: Pick<Ports, 'files'>,
  project: Pick<Project, 'commonDir'>,
  top: string,
  copies: readonly WriteFile[],
): readonly WriteFile[] {
  const path = join(project.commonDir, 'info', 'exclude')
  const exclude = ports.files.text(path)
  const lines = new Set((exclude ?? '').split(/\r?\n/))
  const entries = copies
    .map(copy => ignoreLine(relativeTo(top, copy.path)))
    .filter(entry => !lines.has(entry))
  return entries.length === 0 ? [] : [withEntries(path, exclude, entries)]
}

/** The line of an ignore file that means this one path. */
export function ignoreLine(path: string): string {
  return `/${path.replace(/[\\*?[\] ]/g, '\\$&')}`
}

function withEntries(path: string, exclude: string | undefined, entries: readonly string[]): WriteFile {
  const before =
    exclude === undefined || exclude === '' || exclude.endsWith('\n') ? (exclude ?? '') : `${exclude}\n`
  const content = `${before}# Spec Kitty\n${entries.map(entry => `${entry}\n`).join('')}`
  return { kind: 'write_file', path, content, expect: exclude ?? null }
}

/** The plain lines of an ignore file, without slashes at either end. */
function rulesOf(text: string | undefined): ReadonlySet<string> {
  const plain = (line: string) =>
    line
      .trim()
      .replace(/^\//, '')
      .replace(/\/\**$/, '')
  return new Set((text ?? '').split(/\r?\n/).map(plain))
}

/** The path itself or a directory above it is ignored. */
function covers(rules: ReadonlySet<string>, path: string): boolean {
  const parts = path.split('/')
  return parts.some((_, i) => rules.has(parts.slice(0, i + 1).join('/')))
}
