/** What of an uncommitted state has to be given to `git add`, by name. */
import { isInside } from '../../text/paths.ts'
import type { StatusEntry } from '../../world/ports.ts'

/**
 * The paths that git takes: the name of a file that is staged as deleted it refuses, and so it does with one below a
 * folder that became a link; the link stands for what was in the folder. Pure.
 */
export function stageable(entries: readonly StatusEntry[]): readonly string[] {
  const paths = entries.filter(({ code }) => !/^[DR] $/.test(code)).map(entry => entry.path)
  return paths.filter(path => !paths.some(other => other !== path && isInside(other, path)))
}
