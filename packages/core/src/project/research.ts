/** `research`: the documents that answers and their evidence go into. */
import type { Research } from '@spec-kitty/contracts/cli/project-aids'
import { join } from '../text/paths.ts'
import { rewrite } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { write } from '../write/write.ts'

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
  return await write<Research>(ports, request, ({ mission }) => {
    const name = mission.meta.friendly_name
    const wanted = [...scaffold(typeof name === 'string' ? name : mission.slug)]
    const texts = new Map(wanted.map(([path]) => [path, ports.files.text(join(mission.dir, path))]))
    const isNew = (path: string): boolean => request.force || texts.get(path) === undefined
    const created = wanted.filter(([path]) => isNew(path))
    const answer = {
      result: 'success' as const,
      mission_slug: mission.slug,
      feature_dir: mission.dir,
      created: created.map(([path]) => path),
      kept: wanted.map(([path]) => path).filter(path => !isNew(path)),
    }
    return {
      files: created.flatMap(([path, content]) => rewrite(join(mission.dir, path), texts.get(path), content)),
      message: `Open the research of ${mission.slug}`,
      answer: { ...answer, committed: false },
      committed: () => ({ ...answer, committed: true }),
    }
  })
}
