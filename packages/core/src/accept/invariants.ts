/** The negative invariants of the acceptance matrix: what must not be there any more (docs/merge.md). */
import type { LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import type { Sha } from '@spec-kitty/contracts/ids'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { combine, conflictWords } from '../repo/lanes/combine.ts'
import { laneBranch, PLANNING_LANE } from '../repo/lanes/names.ts'
import type { Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import { requireTrust } from '../repo/project/trust.ts'
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
  const merged = methods.includes('grep_absence')
    ? await mergedCommit(ports, project, mission, lanes)
    : undefined
  const results: (InvariantResult | undefined)[] = []
  for (const item of invariants) {
    const command = typeof item.verification_command === 'string' ? item.verification_command.trim() : ''
    const method = item.verification_method
    if (method === 'grep_absence') results.push(await grepMerged(ports, project, merged, command))
    else if (method === 'custom_command' && execute) results.push(await run(ports, project, command))
    else results.push(undefined)
  }
  return results
}

/** Code that cannot be put together was not looked at: nothing is confirmed of it. */
async function grepMerged(
  ports: Ports,
  project: Project,
  merged: Merged | undefined,
  pattern: string,
): Promise<InvariantResult> {
  if (merged === undefined || 'commit' in merged)
    return grep(ports, project, merged?.commit ?? 'HEAD', pattern)
  return {
    result: 'verification_error',
    evidence: `not verified: ${merged.branch} does not merge (${merged.conflict})`,
  }
}

async function grep(ports: Ports, project: Project, tree: string, pattern: string): Promise<InvariantResult> {
  if (pattern === '') return { result: 'verification_error', evidence: 'verification_command is empty' }
  const { status, output } = await ports.env.run(
    ['git', 'grep', '-n', '-I', '-e', pattern, tree, '--', '.', ':(exclude)kitty-specs'],
    { cwd: project.root, limitMs: LIMIT_MS },
  )
  if (status === 1) return { result: 'confirmed_absent', evidence: `no match for '${pattern}'` }
  const first = output.trim().split('\n')[0] ?? ''
  if (status === 0) return { result: 'still_present', evidence: first.replace(`${tree}:`, '') }
  return { result: 'verification_error', evidence: first || 'git grep failed' }
}

async function run(ports: Ports, project: Project, command: string): Promise<InvariantResult> {
  if (command === '') return { result: 'verification_error', evidence: 'verification_command is empty' }
  requireTrust(ports, project, { setting: 'custom_command', command })
  const { status, output } = await ports.env.shell(command, { cwd: project.root, limitMs: LIMIT_MS })
  const last = output.trim().split('\n').at(-1) ?? ''
  if (status === 0) return { result: 'confirmed_absent', evidence: last || 'exit status 0' }
  if (status === null) return { result: 'verification_error', evidence: 'no end within the time limit' }
  return { result: 'still_present', evidence: last || `exit status ${status}` }
}

/** What the merge would bring, or the first lane that does not merge with those before it. */
type Merged = { readonly commit: string } | { readonly branch: string; readonly conflict: string }

/** The checkout's commit with every code lane merged in, as objects only. */
async function mergedCommit(
  ports: Ports,
  project: Project,
  mission: Mission,
  lanes: LanesJson | undefined,
): Promise<Merged> {
  const head = ports.git.head(project.top).sha
  const branches = (lanes?.lanes ?? [])
    .filter(lane => lane.lane_id !== PLANNING_LANE)
    .map(lane => laneBranch(mission, lane.lane_id))
  if (head === null || branches.length === 0) return { commit: 'HEAD' }
  const refs = branches.map(branch => `refs/heads/${branch}`)
  const tips = ports.git.named(project.top, refs)
  const objects = ports.git.objects(project.top)
  const table = { git: ports.git, objects, repo: project.top, mission }
  try {
    let merged: Sha = head
    for (const [i, branch] of branches.entries()) {
      const tip = tips.get(refs[i] ?? '')
      if (tip === undefined) continue
      const next = await combine(table, merged, tip)
      if ('conflict' in next) return { branch, conflict: conflictWords(next.conflict) }
      merged = 'commit' in next ? next.commit : objects.commit(next.tree, [merged, tip], 'forecast')
    }
    return { commit: merged }
  } finally {
    objects.close()
  }
}
