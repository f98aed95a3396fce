/** `research`: the documents that answers and their evidence go into. */
import type { Research } from '@spec-kitty/contracts/cli/project-aids'
import { refuseCoordination } from '../repo/log/source.ts'
import { resolveMission } from '../repo/mission/handle.ts'
import { readConfig } from '../repo/project/config.ts'
import { locateProject } from '../repo/project/locate.ts'
import { join } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { commits, planCommit, refuseProtected } from '../write/commit.ts'
import { transact } from '../write/transact.ts'

/** Paths relative to the mission, with the text they begin with. */
function scaffold(title: string): ReadonlyMap<string, string> {
  return new Map([
    [
      'research.md',
      `# Research: ${title}

## R1 [question]

Decision: [what is decided]
Because: [reason, with the evidence: file, command and output, or a row of research/evidence-log.csv]
Alternatives: [what was turned down, and why]
Confidence: [high, medium or low, and what would change it]
`,
    ],
    [
      'data-model.md',
      `# Data model: ${title}

## [Entity]

| Field | Type | Rule |
|---|---|---|
`,
    ],
    ['research/evidence-log.csv', 'id,date,source_id,question,finding,confidence\n'],
    ['research/source-register.csv', 'source_id,title,address,accessed,kind,trust\n'],
  ])
}

/** Makes the documents that are missing; with `force` all of them. Throws what naming a mission throws, `coordination_mission`. */
export async function startResearch(
  ports: Ports,
  request: {
    readonly mission?: string | undefined
    readonly force: boolean
    readonly autoCommit?: boolean | undefined
  },
): Promise<Research> {
  const project = locateProject(ports)
  const mission = resolveMission(ports, project, request.mission)
  refuseCoordination(mission)
  const config = await readConfig(ports, project)
  refuseProtected(ports, project, config, request.autoCommit)
  return await transact(ports, project, mission, () => {
    const name = mission.meta.friendly_name
    const wanted = [...scaffold(typeof name === 'string' ? name : mission.slug)]
    const texts = new Map(wanted.map(([path]) => [path, ports.files.text(join(mission.dir, path))]))
    const isNew = (path: string): boolean => request.force || texts.get(path) === undefined
    const created = wanted.filter(([path]) => isNew(path))
    const paths = created.map(([path]) => join(mission.dir, path))
    const message = `Open the research of ${mission.slug}`
    return {
      changes: [
        ...created.map(([path, content]) => ({
          kind: 'write_file' as const,
          path: join(mission.dir, path),
          content,
          expect: texts.get(path) ?? null,
        })),
        ...(paths.length === 0
          ? []
          : planCommit(project, config, { paths, message, autoCommit: request.autoCommit })),
      ],
      result: {
        result: 'success',
        mission_slug: mission.slug,
        feature_dir: mission.dir,
        created: created.map(([path]) => path),
        kept: wanted.map(([path]) => path).filter(path => !isNew(path)),
        committed: paths.length > 0 && commits(config, request.autoCommit),
      },
    }
  })
}
