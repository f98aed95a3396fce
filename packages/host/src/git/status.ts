/** What differs from the last commit in a checkout. */
import type { StatusEntry } from '@spec-kitty/core/world/ports'
import { fieldsOf, type RunGit } from './run.ts'

/**
 * Changed and untracked files (each by name, no directory summaries); `paths` narrows, taken literally. What lies about
 * inside a submodule is that repository's business: of it only another commit counts.
 */
export async function readStatus(
  run: RunGit,
  checkout: string,
  paths?: readonly string[],
): Promise<readonly StatusEntry[]> {
  if (paths !== undefined && paths.length === 0) return []
  const args = [
    '--literal-pathspecs',
    'status',
    '--porcelain',
    '-z',
    '--untracked-files=all',
    '--find-renames',
    '--ignore-submodules=dirty',
  ]
  const answer = await run({ cwd: checkout, args: [...args, ...(paths ? ['--', ...paths] : [])] })
  const fields = fieldsOf(answer)
  const entries: StatusEntry[] = []
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] ?? ''
    const code = field.slice(0, 2)
    const path = field.slice(3)
    if (/[RC]/.test(code)) entries.push({ code, path, from: fields[++i] ?? '' })
    else entries.push({ code, path })
  }
  return entries
}
