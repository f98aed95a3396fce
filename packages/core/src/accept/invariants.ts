/** The negative invariants of the acceptance matrix: what must not be there any more (docs/merge.md). */
import type { LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import type { Sha } from '@spec-kitty/contracts/ids'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { laneBranch, PLANNING_LANE } from '../repo/lanes/names.ts'
import type { Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import { shellQuote } from '../text/shell.ts'
import type { Ports } from '../world/ports.ts'
import { type InvariantResult, negativeInvariants } from './matrix.ts'

const LIMIT_MS = 5 * 60_000

/**
 * One result for each invariant, undefined where it keeps what is recorded (`execute` false, or a method that a
 * person carries out). Patterns are looked for in what the merge would bring, not in what it will replace.
 */
export async function checkInvariants(
  ports: Ports,
  project: Project,
  mission: Mission,
  lanes: LanesJson | undefined,
  matrix: JsonObject,
  execute: boolean,
): Promise<readonly (InvariantResult | undefined)[]> {
  const invariants = negativeInvariants(matrix)
  const methods = invariants.map(item => item.verification_method)
  const tree = methods.includes('grep_absence')
    ? await mergedCommit(ports, project, mission, lanes)
    : undefined
  const results: (InvariantResult | undefined)[] = []
  for (const item of invariants) {
    const command = typeof item.verification_command === 'string' ? item.verification_command.trim() : ''
    const method = item.verification_method
    if (method === 'grep_absence') results.push(await grep(ports, project, tree ?? 'HEAD', command))
    else if (method === 'custom_command' && execute) results.push(await run(ports, project, command))
    else results.push(undefined)
  }
  return results
}

async function grep(ports: Ports, project: Project, tree: string, pattern: string): Promise<InvariantResult> {
  if (pattern === '') return { result: 'verification_error', evidence: 'verification_command is empty' }
  const words = ['git', 'grep', '-n', '-I', '-e', pattern, tree, '--', '.', ':(exclude)kitty-specs']
  const { status, output } = await ports.env.shell(words.map(shellQuote).join(' '), project.root, LIMIT_MS)
  if (status === 1) return { result: 'confirmed_absent', evidence: `no match for '${pattern}'` }
  const first = output.trim().split('\n')[0] ?? ''
  if (status === 0) return { result: 'still_present', evidence: first.replace(`${tree}:`, '') }
  return { result: 'verification_error', evidence: first || 'git grep failed' }
}

async function run(ports: Ports, project: Project, command: string): Promise<InvariantResult> {
  if (command === '') return { result: 'verification_error', evidence: 'verification_command is empty' }
  const { status, output } = await ports.env.shell(command, project.root, LIMIT_MS)
  const last = output.trim().split('\n').at(-1) ?? ''
  if (status === 0) return { result: 'confirmed_absent', evidence: last || 'exit status 0' }
  if (status === null) return { result: 'verification_error', evidence: 'no end within the time limit' }
  return { result: 'still_present', evidence: last || `exit status ${status}` }
}

/** The checkout's commit with every code lane merged in, as objects only; HEAD where lanes do not merge. */
async function mergedCommit(
  ports: Ports,
  project: Project,
  mission: Mission,
  lanes: LanesJson | undefined,
): Promise<string> {
  const head = ports.git.head(project.root).sha
  const code = (lanes?.lanes ?? []).filter(lane => lane.lane_id !== PLANNING_LANE)
  if (head === null || code.length === 0) return 'HEAD'
  const refs = code.map(lane => `refs/heads/${laneBranch(mission, lane.lane_id)}`)
  const tips = (await ports.git.resolve(project.root, refs)).filter(sha => sha !== null)
  let merged: Sha = head
  for (const tip of tips) {
    const { tree, conflicts } = await ports.git.mergeTree(project.root, merged, tip)
    // The merge will report the conflict with its files; here the code as it is has to do.
    if (conflicts.length > 0) return head
    merged = await ports.git.commitTree(project.root, { tree, parents: [merged, tip], message: 'forecast' })
  }
  return merged
}
