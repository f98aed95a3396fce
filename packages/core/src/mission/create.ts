/** A new mission: a flat directory, its meta.json, its first events, one commit (docs/missions.md). */
import type { MissionCreate } from '@spec-kitty/contracts/cli/mission-create'
import { KittyError } from '@spec-kitty/contracts/errors'
import { mid8 } from '@spec-kitty/contracts/ids'
import { type JsonObject, printSorted } from '@spec-kitty/contracts/json'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { drawStamps, newStatus } from '../repo/log/emit.ts'
import { lifecycleRow, missionFact, phaseStarted } from '../repo/log/lifecycle-rows.ts'
import type { Stamp } from '../repo/log/transition.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { ownTypeKeys } from '../repo/mission/own-types.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { tasksReadme } from '../repo/mission/templates.ts'
import { MISSION_TYPES, QUICK_TYPE } from '../repo/mission/types.ts'
import { gitPath, type Project } from '../repo/project/locate.ts'
import { join } from '../text/paths.ts'
import { slugify } from '../text/slug.ts'
import { type Change, rewrite } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { writeProject } from '../write/write.ts'
import { branchContract } from './branch-contract.ts'
import { type Branches, type BranchInput, chooseBranches } from './home.ts'
import { planningStep } from './planning-step.ts'

export interface CreateInput extends BranchInput {
  readonly name: string
  readonly friendlyName?: string | undefined
  readonly purposeTldr?: string | undefined
  readonly purposeContext?: string | undefined
  readonly missionType?: string | undefined
}

type Result = Omit<MissionCreate, 'spec_kitty_version'>

/**
 * Makes a mission. Throws `invalid_input` (name, texts, branches), `detached_head`, `protected_branch`,
 * `not_a_repository`, `no_project`, `in_worktree`; nothing is written then.
 */
export async function createMission(ports: Ports, input: CreateInput): Promise<Result> {
  const texts = checkTexts(input)
  // Under the lock: two missions made at once must not take the same id.
  return writeProject(ports, input, scene => {
    const { project } = scene
    refuseWorktree(project)
    requireType(ports, project, input.missionType)
    const id = freeId(ports.ids.ulid(), ports.files.list(join(project.root, 'kitty-specs')))
    const branches = chooseBranches(ports, scene, input, () => slugOf(texts.human, id))
    const mission = newMission(project, {
      ...texts,
      id,
      created: ports.clock.now(),
      ...branches,
      type: input.missionType,
      prBound: input.prBound,
    })
    const status = newStatus(mission)
    return {
      files: [...branches.changes, ...firstFiles(mission)],
      status,
      events: firstEvents(mission, drawStamps(ports, status, 2)),
      message: `Add meta for feature ${mission.slug}`,
      answer: describeResult(mission),
    }
  })
}

/** A built-in type, or one of the project's own below `.kittify/missions/`. Throws `invalid_input` with those there are. */
function requireType(ports: Pick<Ports, 'files'>, project: Project, id: string | undefined): void {
  const known = [...MISSION_TYPES.map(type => type.id), ...ownTypeKeys(ports, project)]
  if (id === undefined || known.includes(id)) return
  throw new KittyError('invalid_input', `There is no mission type '${id}'`, {
    hint: sh`Choose from: ${listed(known)}`,
    data: { mission_type: id },
  })
}

/** In the worktree of a lane the mission would appear in another checkout than the one the user looks at. */
function refuseWorktree(project: Project): void {
  if (project.checkout === project.top) return
  throw new KittyError(
    'in_worktree',
    `${project.checkout} is a linked worktree: missions are made in ${project.root}`,
    {
      hint: sh`cd ${project.root}`,
      data: { checkout: project.checkout, repo_root: project.root },
    },
  )
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * The id with the first eight characters that no mission has yet. They count seconds: two missions made in the same
 * one would share a handle, and of the same name even a directory, so the later takes the next second.
 */
export function freeId(id: string, names: readonly string[]): string {
  const taken = new Set(names.map(name => name.slice(-8)))
  let head = mid8(id)
  while (taken.has(head)) head = increment(head)
  return head + id.slice(8)
}

function increment(digits: string): string {
  const last = CROCKFORD.indexOf(digits.slice(-1)) + 1
  const rest = digits.slice(0, -1)
  return last < CROCKFORD.length ? rest + CROCKFORD[last] : `${rest === '' ? '' : increment(rest)}0`
}

interface Texts {
  readonly human: string
  readonly friendly: string
  readonly tldr: string
  /** Undefined: a sentence that names the target. */
  readonly context: string | undefined
}

/** Lower-case words joined by single hyphens; a leading number is dropped, the id will follow. */
function checkTexts(input: CreateInput): Texts {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(input.name)) throw badName(input.name)
  if (input.name.length > LONGEST) throw longName(input.name)
  const human = input.name.replace(/^\d{3}-(?=.)/, '')
  const words = human.replaceAll('-', ' ')
  const given = (value: string | undefined, message: string): string | undefined => {
    const trimmed = value?.trim()
    if (trimmed !== '') return trimmed
    throw new KittyError('invalid_input', message, { hint: sh`Leave the option out to take the default` })
  }
  const friendly = given(input.friendlyName, 'Mission creation requires a non-empty friendly_name.') ?? words
  return {
    human,
    friendly,
    tldr: given(input.purposeTldr, 'purpose_tldr is required and must be a non-empty string') ?? friendly,
    context: given(input.purposeContext, 'purpose_context is required and must be a non-empty string'),
  }
}

function badName(name: string): KittyError {
  const suggestion = slugify(name)
  return new KittyError(
    'invalid_input',
    `Invalid mission name '${name}': use lower-case letters and digits joined by single hyphens (kebab-case)`,
    { hint: suggestion === '' ? sh`For example: user-auth` : sh`For example: ${suggestion}`, data: { name } },
  )
}

/** Files take names of 255 bytes; locks, lanes and worktrees are named after the mission and say what they are. */
const LONGEST = 200

function longName(name: string): KittyError {
  const message = `A mission name has at most ${LONGEST} characters, and this one has ${name.length}: ${name}`
  return new KittyError('invalid_input', message, { hint: sh`For example: ${slugify(name)}`, data: { name } })
}

interface Birth extends Texts, Pick<Branches, 'target' | 'home'> {
  readonly id: string
  readonly created: string
  readonly type: string | undefined
  readonly prBound?: boolean | undefined
}

/** The name of a mission's directory. */
export const slugOf = (human: string, id: string): string => `${human}-${mid8(id)}`

/** A mission that is not written yet. */
export function newMission(project: Project, birth: Birth): Mission {
  const slug = slugOf(birth.human, birth.id)
  const type = birth.type ?? 'software-dev'
  const meta = {
    created_at: birth.created,
    friendly_name: birth.friendly,
    ...(birth.home === undefined ? {} : { home_branch: birth.home }),
    mission_id: birth.id,
    mission_number: null,
    mission_slug: slug,
    mission_type: type,
    purpose_context:
      birth.context ??
      `This mission advances ${birth.friendly} on ${birth.target} so stakeholders can track the work from mission creation onward.`,
    purpose_tldr: birth.tldr,
    slug,
    target_branch: birth.target,
    // Without it later editions take the mission for one of an old kind, and say so.
    topology: type === QUICK_TYPE ? 'single_branch' : 'lanes',
    ...(birth.prBound === true ? { pr_bound: true } : {}),
  }
  const dir = join(project.root, 'kitty-specs', slug)
  const rel = gitPath(project, `kitty-specs/${slug}`)
  return {
    slug,
    dir,
    rel,
    id: birth.id,
    number: null,
    type,
    targetBranch: birth.target,
    homeBranch: birth.home ?? birth.target,
    coordination: null,
    meta,
  }
}

function firstFiles(mission: Mission): readonly Change[] {
  const paths = missionPaths(mission)
  const files: readonly (readonly [string, string])[] = [
    [paths.meta, printSorted(mission.meta)],
    [paths.spec, ''],
    [join(paths.tasksDir, 'README.md'), tasksReadme(mission.targetBranch)],
    [join(paths.tasksDir, '.gitkeep'), ''],
  ]
  return files.flatMap(([path, content]) => rewrite(path, undefined, content))
}

/** Two stamps. */
export function firstEvents(mission: Mission, stamps: readonly [Stamp, ...Stamp[]]): readonly JsonObject[] {
  const payload = createdPayload(mission, 0)
  const drafts = [
    missionFact(mission.id ?? mission.slug, 'MissionCreated', () => payload),
    phaseStarted(mission, 'Specify', 'spec-kitty mission create', 'spec.md'),
  ]
  return drafts.map((draft, i) => lifecycleRow(draft, stamps[i] ?? stamps[0]))
}

/** What the log says of a new mission: the keys of 3.2.0. */
export function createdPayload(mission: Mission, packages: number): JsonObject {
  const { slug: _, pr_bound: __, home_branch: ___, topology: ____, ...payload } = mission.meta
  return { ...payload, wp_count: packages }
}

function describeResult(mission: Mission): Result {
  const paths = missionPaths(mission)
  const text = (key: string): string => String(mission.meta[key])
  const next =
    mission.type === 'software-dev'
      ? planningStep(mission, 'spec')
      : sh`Run: spec-kitty next --agent NAME --result success --mission ${mission.slug}`
  return {
    result: 'success',
    mission_slug: mission.slug,
    mission_number: null,
    mission_id: mission.id ?? '',
    mission_type: mission.type,
    slug: mission.slug,
    friendly_name: text('friendly_name'),
    purpose_tldr: text('purpose_tldr'),
    purpose_context: text('purpose_context'),
    feature_dir: mission.dir,
    spec_file: paths.spec,
    meta_file: paths.meta,
    created_at: text('created_at'),
    created_files: [paths.spec, paths.meta, join(paths.tasksDir, 'README.md')],
    write_mode: 'update_existing_files',
    scaffold_only: true,
    requires_agent_authoring: true,
    plan_guard: 'SPEC_NOT_SUBSTANTIVE_OR_UNCOMMITTED',
    next_step: next,
    next_action: next,
    spec_state: 'scaffold_only',
    coordination_branch: null,
    coordination_branch_created: false,
    home_branch: mission.homeBranch,
    ...branchContract(mission.homeBranch, mission, text('created_at')),
    origin_binding: { attempted: false, succeeded: false, error: null },
  }
}
