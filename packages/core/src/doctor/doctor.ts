/** `doctor`: everything that can be wrong, in one list; `--fix` mends what can be mended without losing anything. */
import type { Doctor, DoctorFinding } from '@spec-kitty/contracts/cli/doctor'
import { isUnreadable, KittyError } from '@spec-kitty/contracts/errors'
import { settleLanding } from '../landing/landing.ts'
import type { Program } from '../project/agent-config/facts.ts'
import { backfillIdentity } from '../project/migrate.ts'
import { doctorRow, type Finding, inOrder, type Mend, refused, withGoodCopies } from '../repo/finding.ts'
import { listMissions, type Mission, resolveMission } from '../repo/mission/handle.ts'
import { readConfig } from '../repo/project/config.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import { openOperation } from '../repo/project/open-operation.ts'
import { readSchemaVersion, schemaRefusal } from '../repo/project/schema.ts'
import { statusDoctor } from '../status/doctor.ts'
import { join } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { refuseProtected } from '../write/commit.ts'
import { conduct } from '../write/conduct.ts'
import { projectLock } from '../write/locks.ts'
import { fileFindings, manifestFinding } from './files.ts'
import { identityFindings } from './identity.ts'
import { missionFindings } from './missions.ts'
import { gitFindings, setupFindings } from './setup.ts'
import { syncFindings } from './sync.ts'
import { worktreeFindings } from './worktrees.ts'

export const AREAS = ['git', 'setup', 'files', 'identity', 'missions', 'worktrees', 'sync'] as const
export type Area = (typeof AREAS)[number]

export interface DoctorInput {
  readonly program: Program
  /** All of them when left out. */
  readonly areas?: readonly Area[] | undefined
  /** Only this mission, in the areas that are about missions. */
  readonly mission?: string | undefined
  readonly fix?: boolean | undefined
  readonly autoCommit?: boolean | undefined
}

export interface Checkup {
  readonly project: Project
  readonly missions: readonly Mission[]
  readonly areas: readonly Area[]
  readonly findings: readonly Finding[]
}

/** Reads everything and changes nothing: two git processes. Throws `not_a_repository`, `no_project`. */
export async function checkUp(ports: Ports, input: DoctorInput): Promise<Checkup> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const all = listMissions(ports, project)
  const missions = missionsOf(ports, project, input.mission)
  const areas = input.areas ?? AREAS
  const now = ports.clock.now()
  const looks: Record<Area, () => Promise<readonly Finding[]>> = {
    git: () => gitFindings(ports, project),
    setup: () => setupFindings(ports, project),
    files: async () => [
      ...manifestFinding(ports, project.root),
      ...(await fileFindings(ports, input.program)),
    ],
    identity: async () => identityFindings(ports, missions),
    missions: async () => {
      const found: (readonly Finding[])[] = []
      for (const mission of missions)
        found.push(await told(mission.rel, () => missionFindings(ports, project, mission, now)))
      return found.flat()
    },
    worktrees: async () => worktreeFindings(ports, project, all, await ports.git.worktrees(project.top)),
    sync: () => syncFindings(ports),
  }
  const findings = await Promise.all(areas.map(area => told(null, looks[area])))
  return { project, missions, areas, findings: await withGoodCopies(ports, project, findings.flat()) }
}

/** What a look finds; a file that keeps it from looking is a finding, and the others are looked at. */
async function told(
  path: string | null,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look()
  } catch (error) {
    if (isUnreadable(error)) return [refused({ code: 'unreadable', path }, error)]
    throw error
  }
}

/** All missions, or the one of a handle. Throws what naming a mission throws. */
export function missionsOf(ports: Ports, project: Project, handle: string | undefined): readonly Mission[] {
  const all = listMissions(ports, project)
  if (handle === undefined) return all
  const slug = named(ports, project, handle)
  return all.filter(mission => mission.slug === slug)
}

function named(ports: Ports, project: Project, handle: string): string {
  try {
    return resolveMission(ports, project, handle).slug
  } catch (error) {
    // That its meta.json is broken is for doctor to say, not to stumble over.
    const home = join(project.root, 'kitty-specs', handle)
    const isKnown = ports.files.stat(home)?.kind === 'directory'
    if (isUnreadable(error) && isKnown) return handle
    throw error
  }
}

export interface Repairs {
  readonly fixed: readonly string[]
  readonly failed: readonly string[]
}

/**
 * Looks, with `fix` mends and looks again. Throws, before anything is written, `protected_branch` and what another
 * schema is refused with: nothing is mended in a layout that we do not know.
 */
export async function examine(ports: Ports, input: DoctorInput): Promise<Checkup & Repairs> {
  const first = await checkUp(ports, input)
  const mends = first.findings.flatMap(found => found.mend ?? [])
  if (input.fix !== true || mends.length === 0) return { ...first, fixed: [], failed: [] }
  const refusal = schemaRefusal(readSchemaVersion(ports, first.project))
  if (refusal !== undefined) throw refusal
  const repairs = await mendAll(ports, first.project, mends, input.autoCommit)
  return { ...(await checkUp(ports, input)), ...repairs }
}

/** `examine` as the one document of the command. */
export async function doctor(ports: Ports, input: DoctorInput): Promise<Doctor> {
  const { project, areas, missions, findings: found, fixed, failed } = await examine(ports, input)
  const findings = inOrder(found.map(doctorRow))
  const count = (severity: DoctorFinding['severity']) =>
    findings.filter(finding => finding.severity === severity).length
  const counts = { error: count('error'), warning: count('warning'), info: count('info') }
  return {
    ok: counts.error === 0,
    project_root: project.root,
    areas: [...areas],
    missions: missions.length,
    counts,
    findings,
    fixed: [...fixed],
    not_fixed: [...failed],
  }
}

interface Done {
  readonly sentences: readonly string[]
  /** Absolute paths of tracked files that were written. */
  readonly paths: readonly string[]
}

/** One after the other: what one mend cannot do does not keep the others from it. One commit for all. */
async function mendAll(
  ports: Ports,
  project: Project,
  mends: readonly Mend[],
  autoCommit: boolean | undefined,
): Promise<Repairs> {
  // Settling commits by itself, and on the target, which may be protected, nothing at all.
  const commits =
    mends.some(mend => mend.kind !== 'landing') && (await wantsCommit(ports, project, autoCommit))
  const fixed: string[] = []
  const failed: string[] = []
  const paths = new Set<string>()
  for (const mend of distinct(mends)) {
    try {
      const done = await mendOne(ports, project, mend)
      fixed.push(...done.sentences)
      for (const path of done.paths) paths.add(path)
    } catch (error) {
      if (!(error instanceof KittyError)) throw error
      failed.push(error.hint === undefined ? error.message : `${error.message}; ${error.hint}`)
    }
  }
  if (commits && paths.size > 0) {
    const message = 'chore(spec-kitty): mend what doctor found'
    const commit: Change = { kind: 'commit', checkout: project.top, paths: [...paths], message }
    await conduct(ports, [projectLock(project)], stage => stage.perform([commit]))
  }
  return { fixed, failed }
}

/** While a merge is open the files belong to the commit that ends it. Throws `protected_branch`. */
async function wantsCommit(
  ports: Ports,
  project: Project,
  autoCommit: boolean | undefined,
): Promise<boolean> {
  try {
    const config = await readConfig(ports, project)
    if (openOperation(ports.files, project.top) !== undefined) return false
    await refuseProtected(ports, project, config, autoCommit)
    return autoCommit ?? config.autoCommit
  } catch (error) {
    // Without a readable configuration nobody has agreed to commits.
    if (isUnreadable(error)) return autoCommit === true
    throw error
  }
}

/** A mission with several faults is mended once. */
function distinct(mends: readonly Mend[]): readonly Mend[] {
  const seen = new Set<string>()
  return mends.filter(mend => {
    const key = mend.kind === 'changes' ? mend.done : `${mend.kind} ${mend.slug}`
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
}

async function mendOne(ports: Ports, project: Project, mend: Mend): Promise<Done> {
  switch (mend.kind) {
    case 'changes':
      await conduct(ports, [projectLock(project)], stage => stage.perform(mend.changes))
      return { sentences: [mend.done], paths: mend.commit }
    case 'landing': {
      const {
        target_branch: target,
        how,
        mission_number: number,
      } = await settleLanding(ports, project, {
        mission: mend.slug,
      })
      const name = number === null ? mend.slug : `${mend.slug} (mission ${number})`
      return { sentences: [`${name} has landed on ${target} (${how}), and is settled`], paths: [] }
    }
    case 'identity': {
      const { results } = await backfillIdentity(ports, { mission: mend.slug })
      const wrote = results.filter(row => row.action === 'wrote')
      return {
        sentences: wrote.map(row => `${row.slug} has the mission_id ${row.mission_id} now`),
        paths: wrote.map(row => join(project.root, row.path)),
      }
    }
    case 'status': {
      const { fixed } = await statusDoctor(ports, { mission: mend.slug, fix: true, autoCommit: false })
      const home = join(project.root, 'kitty-specs', mend.slug)
      return {
        sentences: fixed.map(action => `${mend.slug}: ${action}`),
        paths: ['status.events.jsonl', 'status.json'].map(name => join(home, name)),
      }
    }
  }
}
