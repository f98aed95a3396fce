/** The commit by which a forge landed a mission, as an acceptance records it. Keys of 4.0. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import type { Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import type { Ports } from '../world/ports.ts'

/**
 * What meta.json says of the landing. The commit must be on the target and be the one that brought the mission there.
 * Git cannot prove that its first parent is what the target was before: who says so has it recorded as their word.
 * Throws `invalid_input`.
 */
export async function prMerge(
  ports: Pick<Ports, 'git'>,
  project: Pick<Project, 'top'>,
  mission: Mission,
  { commit, attested, at }: { readonly commit: string; readonly attested: boolean; readonly at: string },
): Promise<JsonObject> {
  const wrong = (why: string): KittyError =>
    new KittyError('invalid_input', `--merge-commit ${commit} ${why}`, {
      hint: sh`Name the commit that the forge shows as merged: git log --first-parent ${mission.targetBranch}`,
      data: { merge_commit: commit },
    })
  if (!/^[0-9a-f]{4,64}$/i.test(commit)) throw wrong('is no commit id')
  const revs = [commit, `${commit}^1`, `${commit}^2`, `refs/heads/${mission.targetBranch}`]
  const [landed, parent, second, target] = await ports.git.resolve(project.top, revs)
  if (landed == null) throw wrong('is no commit of this repository')
  if (parent == null) throw wrong('has no parent')
  if (target == null) throw wrong(`cannot be looked for: there is no branch ${mission.targetBranch}`)
  const file = `${mission.rel}/meta.json`
  const [has, had] = await ports.git.blobs(project.top, [`${landed}:${file}`, `${parent}:${file}`])
  if (has === undefined) throw wrong(`does not hold ${file}`)
  if (had !== undefined) throw wrong(`did not bring ${file}: its first parent holds it too`)
  if (!(await ports.git.isAncestor(project.top, landed, target)))
    throw wrong(`is not on ${mission.targetBranch}`)
  return {
    baseline_merge_commit: parent,
    merged_at: at,
    merged_commit: landed,
    pr_merge_commit: landed,
    ...(attested
      ? { pr_merge_evidence: second == null ? 'corpus-parent-attested' : 'merge-commit-parent-attested' }
      : {}),
  }
}
