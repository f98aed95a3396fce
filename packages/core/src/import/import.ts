/** `import`: missions from the specifications of another tool. The source is read only; one commit; a second run finds them made. */
import type { Import } from '@spec-kitty/contracts/cli/import'
import { KittyError } from '@spec-kitty/contracts/errors'
import { mid8 } from '@spec-kitty/contracts/ids'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { firstEvents, freeId, newMission } from '../mission/create.ts'
import { type Branches, type BranchInput, chooseBranches } from '../mission/home.ts'
import { type AppendPlan, drawStamps, newStatus, planAppend } from '../repo/log/emit.ts'
import { listMissions, type Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import { ownFiles } from '../repo/project/own-files.ts'
import { isInside, join, relativeTo, resolvePath } from '../text/paths.ts'
import { slugify } from '../text/slug.ts'
import { type Change, rewrite, written } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { writeProject } from '../write/write.ts'
import type { Draft } from './draft.ts'
import { type FindInput, findDrafts } from './find.ts'
import { missionFiles, openPoints } from './mission-files.ts'

export interface ImportInput extends FindInput, Pick<BranchInput, 'homeBranch' | 'autoCommit'> {
  readonly path: string | undefined
  /** A specification without a requirement too. */
  readonly allowEmpty: boolean
}

interface Made {
  readonly mission: Mission
  readonly files: readonly Change[]
  readonly log: AppendPlan
}

/** Throws `invalid_input` (nothing found, two tools, no requirement), and what every writing command throws. */
export async function importSpecifications(ports: Ports, input: ImportInput): Promise<Import> {
  return await writeProject(ports, input, scene => {
    const { project } = scene
    const from = resolvePath(ports.env.cwd, input.path ?? '.')
    const drafts = findDrafts(ownFiles(ports.files, from), from, input)
    const known = new Map(listMissions(ports, project).map(mission => [mission.meta.imported_from, mission]))
    const taken = ports.files.list(join(project.root, 'kitty-specs')).slice()
    const missions: Import['missions'] = []
    const made: Made[] = []
    let branches: Branches | undefined
    for (const draft of drafts) {
      const before = known.get(originOf(project, draft))
      if (before === undefined && !input.allowEmpty) requireRequirements(draft)
      if (before === undefined) {
        branches ??= chooseBranches(ports, scene, input, () => `import-${mid8(ports.ids.ulid())}`)
        const one = makeMission(ports, project, draft, taken, branches)
        made.push(one)
        taken.push(one.mission.slug)
        missions.push(describe(draft, one.mission, false))
      } else missions.push(describe(draft, before, true))
    }
    const fresh = drafts.filter((_, index) => missions[index]?.already === false)
    return {
      files: [...(branches?.changes ?? []), ...made.flatMap(({ files, log }) => [...files, ...log.changes])],
      paths: made.flatMap(({ files, log }) => [...written(files), ...log.paths]),
      told: made.flatMap(({ log }) => log.told),
      message: made.length === 0 ? undefined : messageOf(made, fresh),
      answer: {
        result: 'success',
        missions,
        items: fresh.flatMap(draft => draft.rows.map(row => ({ ...row }))),
        warnings: fresh.flatMap(draft => warningsOf(draft)),
        next: made.map(({ mission }, index) => nextStep(mission, fresh[index]?.packages.length ?? 0)),
      },
    }
  })
}

function nextStep({ slug }: Mission, packages: number): Remedy {
  return packages === 0
    ? sh`spec-kitty agent mission setup-plan --mission ${slug}`
    : sh`spec-kitty agent mission finalize-tasks --mission ${slug}`
}

function originOf(project: Project, { tool, directory }: Draft): string {
  return `${tool}:${isInside(project.root, directory) ? relativeTo(project.root, directory) : directory}`
}

const REQUIREMENT = /\*\*FR-\d+\*\*/g

function requireRequirements(draft: Draft): void {
  if (draft.spec.search(REQUIREMENT) >= 0) return
  throw new KittyError('invalid_input', `${draft.directory}: no requirements found`, {
    hint: sh`Write them there, or: spec-kitty import ${draft.directory} --allow-empty`,
    data: { directory: draft.directory },
  })
}

function makeMission(
  ports: Ports,
  project: Project,
  draft: Draft,
  taken: readonly string[],
  branches: Branches,
): Made {
  const born = newMission(project, {
    id: freeId(ports.ids.ulid(), taken),
    created: ports.clock.now(),
    ...branches,
    type: undefined,
    human: slugify(draft.slug) || slugify(draft.title) || 'imported',
    friendly: draft.title,
    tldr: draft.tldr,
    context: draft.tldr,
  })
  const mission = { ...born, meta: { ...born.meta, imported_from: originOf(project, draft) } }
  const status = newStatus(mission)
  const [first, second, ...stamps] = drawStamps(ports, status, 2 + 2 * draft.questions.length)
  const points = openPoints(mission, draft, stamps)
  const events: readonly JsonObject[] = [
    ...firstEvents(mission, second === undefined ? [first] : [first, second]),
    ...points.events,
  ]
  const exists = (path: string) => ports.files.stat(join(project.root, path)) !== undefined
  const files = [...missionFiles(mission, draft, exists), ...points.files]
  const copies = draft.copies.map(
    ({ from, to }): Change => ({
      kind: 'write_file',
      path: join(mission.dir, to),
      content: ports.files.bytes(from) ?? '',
      expect: null,
    }),
  )
  return {
    mission,
    files: [...files.flatMap(([path, content]) => rewrite(path, undefined, content)), ...copies],
    log: planAppend(status, events),
  }
}

function describe(draft: Draft, mission: Mission, already: boolean): Import['missions'][number] {
  return {
    source: draft.directory,
    from: draft.tool,
    mission_slug: mission.slug,
    already,
    work_packages: draft.packages.length,
    tasks: draft.packages.reduce((sum, item) => sum + item.tasks.length, 0),
    requirements: new Set(draft.spec.match(REQUIREMENT)).size,
    decisions: draft.questions.length,
  }
}

function warningsOf(draft: Draft): readonly string[] {
  const unowned = draft.packages.filter(item => item.owned.length === 0).map(item => item.id)
  return [
    ...draft.warnings,
    ...(unowned.length === 0
      ? []
      : [
          `${unowned.join(', ')}: no file is named; write owned_files into their front matter before finalize-tasks`,
        ]),
  ]
}

function messageOf(made: readonly Made[], drafts: readonly Draft[]): string {
  const [first] = made
  const tools = [...new Set(drafts.map(({ tool }) => tool))].join(' and ')
  return made.length === 1
    ? `Import ${first?.mission.slug} from ${tools}`
    : `Import ${made.length} missions from ${tools}`
}
