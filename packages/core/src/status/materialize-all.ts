/** `materialize`: snapshot and derived views of one mission or all. */
import type { Materialize } from '@spec-kitty/contracts/cli/materialize'
import { KittyError } from '@spec-kitty/contracts/errors'
import { listMissions, resolveMission } from '../repo/mission/handle.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import { join } from '../text/paths.ts'
import { rewrite } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { write } from '../write/write.ts'
import { derivedViews } from './derived.ts'
import { requireLog, snapshotChanges } from './materialize.ts'

/** Writes what differs; commits nothing. One broken mission does not stop the others. */
export async function materializeAll(
  ports: Ports,
  input: { readonly mission?: string | undefined },
): Promise<Materialize> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const missions =
    input.mission === undefined
      ? listMissions(ports, project)
      : [resolveMission(ports, project, input.mission)]
  const done: Materialize['missions'][number][] = []
  const errors: string[] = []
  for (const mission of missions) {
    try {
      done.push(await materializeOne(ports, mission.slug))
    } catch (error) {
      if (!(error instanceof KittyError)) throw error
      errors.push(`${mission.slug}: ${error.message}`)
    }
  }
  return { processed: done.length, errors, missions: done, derived_dir: derivedDir(project) }
}

function derivedDir(project: Project): string {
  return join(project.root, '.kittify', 'derived')
}

function materializeOne(ports: Ports, slug: string): Promise<Materialize['missions'][number]> {
  return write(ports, { mission: slug, anyTopology: true }, async ({ project, mission }) => {
    const facts = await requireLog(ports, project, mission)
    const timestamp = ports.clock.now()
    const views = derivedViews(mission, facts.log, facts.reduction, timestamp)
    const home = join(derivedDir(project), mission.slug)
    return {
      files: [
        ...snapshotChanges(facts),
        ...[...views].flatMap(([name, content]) =>
          rewrite(join(home, name), ports.files.text(join(home, name)), content),
        ),
      ],
      answer: { mission_slug: mission.slug, files_written: [...views.keys()], timestamp },
    }
  })
}
