/** Whether a glob matches anything in a checkout: for warnings, so it looks only where the pattern can lead. */

import { join } from '../../text/paths.ts'
import type { Files } from '../../world/ports.ts'
import { parseGlob, type Segment } from './overlap.ts'

/** Folders that no work package means. */
const SKIPPED: ReadonlySet<string> = new Set(['.git', '.worktrees', 'node_modules'])

/** True when a file or folder below `root` matches. */
export function matchesAnything(files: Files, root: string, pattern: string): boolean {
  return parseGlob(pattern).alternatives.some(segments => search(files, root, segments, 0))
}

function search(files: Files, directory: string, segments: readonly Segment[], at: number): boolean {
  const segment = segments[at]
  if (segment === undefined) return true
  if (segment.kind === 'literal') {
    const path = join(directory, segment.text)
    return files.stat(path) !== undefined && search(files, path, segments, at + 1)
  }
  const names = files.list(directory).filter(name => !SKIPPED.has(name))
  if (segment.kind === 'wild') {
    return names
      .filter(name => segment.matches(name))
      .some(name => search(files, join(directory, name), segments, at + 1))
  }
  if (at === segments.length - 1) return names.length > 0
  if (search(files, directory, segments, at + 1)) return true
  return names
    .map(name => join(directory, name))
    .filter(path => files.stat(path)?.kind === 'directory')
    .some(path => search(files, path, segments, at))
}
