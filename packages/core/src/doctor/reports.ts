/** Parts of doctor in the documents of the Python edition. */
import type { DoctorIdentity, DoctorMissionState, DoctorWorkspaces } from '@spec-kitty/contracts/cli/doctor'
import { KittyError } from '@spec-kitty/contracts/errors'
import { listed, sh } from '@spec-kitty/contracts/sh'
import type { Program } from '../project/agent-config/facts.ts'
import { doctorRow, inOrder, withGoodCopies } from '../repo/finding.ts'
import { locateProject } from '../repo/project/locate.ts'
import { relativeTo } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { conduct } from '../write/conduct.ts'
import { projectLock } from '../write/locks.ts'
import { examine, missionsOf } from './doctor.ts'
import {
  ambiguousSelectors,
  duplicatePrefixes,
  identityFindings,
  identityState,
  metaFault,
} from './identity.ts'
import { findHusks, type Husk, removeHusk, worktreeFindings } from './worktrees.ts'

const STATES = ['assigned', 'pending', 'legacy', 'orphan'] as const

/** Throws `usage` for an unknown state in `failOn`. No git process. */
export async function identityReport(
  ports: Ports,
  input: { readonly mission?: string | undefined; readonly failOn?: string | undefined },
): Promise<DoctorIdentity> {
  const project = locateProject(ports)
  const missions = missionsOf(ports, project, input.mission)
  const wanted = (input.failOn ?? '').split(',').flatMap(word => word.trim() || [])
  const unknown = wanted.find(word => !STATES.some(state => state === word))
  if (unknown !== undefined) {
    throw new KittyError('usage', `--fail-on does not know '${unknown}'`, {
      hint: sh`There are: ${listed(STATES)}`,
    })
  }
  const rows = missions.map(mission => {
    const fault = metaFault(ports, mission)
    return {
      path: mission.rel,
      slug: mission.slug,
      mission_id: mission.id,
      mission_number: mission.number,
      state: identityState(mission),
      error: fault === undefined ? null : `meta.json: ${fault}`,
    }
  })
  const found = await withGoodCopies(ports, project, identityFindings(ports, missions))
  const count = (state: (typeof STATES)[number]) => rows.filter(row => row.state === state).length
  return {
    summary: {
      assigned: count('assigned'),
      pending: count('pending'),
      legacy: count('legacy'),
      orphan: count('orphan'),
    },
    missions: rows,
    duplicate_prefixes: duplicatePrefixes(missions),
    ambiguous_selectors: ambiguousSelectors(missions),
    fail_on_triggered: rows.some(row => wanted.includes(row.state)),
    findings: inOrder(found.map(doctorRow)),
  }
}

/** Husks, and with `fix` the removal of those that hold nothing. */
export async function workspacesReport(ports: Ports, fix: boolean): Promise<DoctorWorkspaces> {
  const project = locateProject(ports)
  const worktrees = await ports.git.worktrees(project.top)
  const before = findHusks(ports, project, worktrees)
  const removable = fix ? before.filter(husk => husk.empty && !husk.registered) : []
  const gone = removable.flatMap(husk => removeHusk(ports, husk))
  if (gone.length > 0) await conduct(ports, [projectLock(project)], stage => stage.perform(gone))
  const husks = before.filter(husk => !removable.includes(husk))
  const nameOf = (husk: Husk) => relativeTo(project.root, husk.path)
  const missions = missionsOf(ports, project, undefined)
  const problems = await worktreeFindings(ports, project, missions, worktrees)
  return {
    worktrees_dir: `${project.root}/.worktrees`,
    healthy: husks.length === 0,
    registration_error: null,
    husks: husks.map(husk => ({ path: nameOf(husk), registered: husk.registered })),
    ...(fix
      ? {
          removed: removable.map(nameOf),
          skipped_not_empty: husks.filter(husk => !husk.empty).map(nameOf),
          skipped_registered: husks.filter(husk => husk.registered).map(nameOf),
          skipped_appeared_valid: [],
        }
      : {}),
    findings: inOrder(problems.map(doctorRow)),
  }
}

export interface MissionStateInput {
  readonly program: Program
  readonly mission?: string | undefined
  readonly fix?: boolean | undefined
  readonly failOn?: 'error' | 'warning' | 'info' | undefined
  readonly autoCommit?: boolean | undefined
}

const RANK = { error: 2, warning: 1, info: 0 } as const
type Severity = keyof typeof RANK

/** The findings about missions, by mission. With `fix` an error that is left fails as well. */
export async function missionStateReport(
  ports: Ports,
  input: MissionStateInput,
): Promise<DoctorMissionState> {
  const areas = ['identity', 'missions'] as const
  const { missions, findings: found, fixed, failed } = await examine(ports, { ...input, areas })
  const rows = missions.map(mission => {
    const own = found.filter(one => one.mission === mission.slug)
    const findings = inOrder(own.map(doctorRow))
    const hasErrors = findings.some(finding => finding.severity === 'error')
    return {
      mission_slug: mission.slug,
      mission_dir: mission.rel,
      finding_count: findings.length,
      findings: findings.map(({ code, severity, path, message, fix }) => ({
        code,
        severity,
        artifact_path: path,
        detail: message,
        fix,
      })),
      has_errors: hasErrors,
      has_teamspace_blockers: hasErrors,
    }
  })
  const limit = input.failOn ?? (input.fix === true ? 'error' : undefined)
  const count = (severity: Severity) => found.filter(one => one.severity === severity).length
  return {
    missions: rows,
    repo_summary: {
      total_missions: rows.length,
      missions_with_findings: rows.filter(row => row.finding_count > 0).length,
      missions_with_errors: rows.filter(row => row.has_errors).length,
      total_findings: found.length,
      findings_by_severity: { error: count('error'), warning: count('warning'), info: count('info') },
    },
    shape_counters: tally(found.map(one => one.code)),
    fail_on_triggered: limit !== undefined && found.some(one => RANK[one.severity] >= RANK[limit]),
    fixed: [...fixed],
    not_fixed: [...failed],
  }
}

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
