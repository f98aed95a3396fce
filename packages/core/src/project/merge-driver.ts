/** Registers the merge driver for event logs in the repository's own configuration. */

import { join } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { Files } from '../world/ports.ts'
import { withMergeDriver } from './git-files.ts'

/** The change that registers the driver; none when it is there. `gitDir` is the shared git directory. */
export function registerMergeDriver(ports: { readonly files: Files }, gitDir: string): readonly Change[] {
  const path = join(gitDir, 'config')
  const before = ports.files.text(path)
  const after = withMergeDriver(before ?? '')
  if (after === undefined) return []
  return [{ kind: 'write_file', path, content: after, expect: before ?? null }]
}
