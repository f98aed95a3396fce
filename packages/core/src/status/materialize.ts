/** `agent status materialize`: the snapshot, and status.json brought up to it. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { type StatusFacts, viewStatus } from '../repo/log/emit.ts'
import { printSnapshot, type Snapshot, snapshotOf, styleOf } from '../repo/log/snapshot.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { write } from '../write/write.ts'

/**
 * Rewrites status.json where it differs; commits nothing. A coordination mission is shown, not written to.
 * Throws `log_missing`, `log_corrupt`.
 */
export async function materializeStatus(
  ports: Ports,
  input: { readonly mission?: string | undefined },
): Promise<Snapshot> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const mission = resolveMission(ports, project, input.mission)
  const facts = await requireLog(ports, project, mission)
  // Where nothing is to be written nothing is locked: a repository that cannot be written to can be read.
  if (snapshotChanges(facts).length === 0)
    return snapshotOf(facts.reduction, mission, styleOf(facts.snapshotText))
  return write(ports, input, async scene => {
    const now = await requireLog(ports, project, scene.mission)
    return {
      files: snapshotChanges(now),
      answer: snapshotOf(now.reduction, scene.mission, styleOf(now.snapshotText)),
    }
  })
}

/** The state of a mission that has a log. Throws `log_missing`, `log_corrupt`. */
export async function requireLog(
  ports: Pick<Ports, 'files' | 'git' | 'note'>,
  project: Project,
  mission: Mission,
): Promise<StatusFacts> {
  const facts = await viewStatus(ports, project, mission)
  if (facts.log.exists) return facts
  throw new KittyError('log_missing', `No event log found at ${facts.log.path}`, {
    hint: sh`spec-kitty agent mission finalize-tasks --mission ${mission.slug}`,
    data: { path: facts.log.path },
  })
}

/** The write that makes status.json what the log says; none where it is, or where it is not ours to write. */
export function snapshotChanges({ mission, reduction, snapshotText }: StatusFacts): readonly Change[] {
  const content = printSnapshot(snapshotOf(reduction, mission, styleOf(snapshotText)))
  if (mission.coordination !== null || content === snapshotText) return []
  return [{ kind: 'write_file', path: missionPaths(mission).snapshot, content }]
}
