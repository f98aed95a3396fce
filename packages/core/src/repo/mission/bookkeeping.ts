/** Which files of a mission are its bookkeeping. */
import type { Mission } from './handle.ts'

/**
 * Files of the mission's own bookkeeping: written by commands, taken along by the merge, never dirt. Untracked ones
 * count by the names that commands write. `path`: as git has it, relative to the top; `code`: as git's status has it.
 */
export function isBookkeeping(mission: Pick<Mission, 'rel'>, path: string, code = ''): boolean {
  const own = path.startsWith(`${mission.rel}/`) ? path.slice(mission.rel.length + 1) : ''
  const named =
    /^(?:status\.(?:events\.jsonl|json)|(?:meta|lanes|acceptance-matrix)\.json|tasks\.md|analysis-report\.md)$/
  const below = code === '??' ? /^(?:tasks\/.+\.md|decisions\/.+\.(?:md|json))$/ : /^(?:tasks|decisions)\/.+$/
  return named.test(own) || below.test(own)
}
