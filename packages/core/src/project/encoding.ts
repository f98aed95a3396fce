/** `validate-encoding`: documents of missions that are not UTF-8, and their repair. */
import type { ValidateEncoding } from '@spec-kitty/contracts/cli/validate-encoding'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { listMissions, type Mission, resolveMission } from '../repo/mission/handle.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import { isUtf8, type Repaired, repairEncoding } from '../text/encoding.ts'
import { join, relativeTo } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { writeProject } from '../write/write.ts'

export interface EncodingInput {
  readonly mission?: string | undefined
  readonly all?: boolean | undefined
  readonly fix?: boolean | undefined
  /** Keep the old bytes beside the file; the default. */
  readonly backup?: boolean | undefined
  /** Replace typography in valid UTF-8 as well, as the Python edition does. */
  readonly ascii?: boolean | undefined
}

interface Suspect extends Repaired {
  readonly path: string
  readonly bytes: Uint8Array
}

/** Throws `invalid_input` without a selector, and for a mission that does not exist. */
export async function validateEncoding(ports: Ports, input: EncodingInput): Promise<ValidateEncoding> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const missions = chosen(ports, project, input)
  if (input.fix !== true) return examine(ports, project, missions, input).answer
  const options = { autoCommit: false, missions: missions.map(mission => mission.slug) }
  return await writeProject(ports, options, () => examine(ports, project, missions, input))
}

function examine(
  ports: Ports,
  project: Project,
  missions: readonly Mission[],
  input: EncodingInput,
): { readonly files: readonly Change[]; readonly answer: ValidateEncoding } {
  const paths = missions.flatMap(mission => documents(ports, mission.dir))
  const suspects = paths.flatMap(path => judge(ports, path, input.ascii === true))
  const fix = input.fix === true
  const plans = suspects.map(suspect => planRepair(ports, suspect, input.backup !== false))
  const answer = {
    ok: fix || suspects.length === 0,
    fixed: fix && suspects.length > 0,
    missions: missions.map(mission => mission.slug),
    files_checked: paths.length,
    files: suspects.map(({ path, problems }, i) => {
      const backup = fix ? plans[i]?.backup : undefined
      return {
        path: relativeTo(project.root, path),
        status: fix ? ('fixed' as const) : ('needs_fix' as const),
        problems: [...problems],
        backup: backup === undefined ? null : relativeTo(project.root, backup),
      }
    }),
  }
  return { files: plans.flatMap(plan => plan.changes), answer }
}

function chosen(ports: Ports, project: Project, { mission, all }: EncodingInput): readonly Mission[] {
  if (all === true) return listMissions(ports, project)
  if (mission === undefined) {
    throw new KittyError('invalid_input', 'Which mission? --mission or --all is needed', {
      hint: sh`spec-kitty validate-encoding --all`,
    })
  }
  try {
    return [resolveMission(ports, project, mission)]
  } catch (error) {
    // 3.2.0 answers exit 1 here, and scripts know it.
    if (!(error instanceof KittyError) || error.code !== 'mission_not_found') throw error
    throw new KittyError('invalid_input', error.message, { hint: error.hint, data: { handle: mission } })
  }
}

function documents(ports: Pick<Ports, 'files'>, directory: string): readonly string[] {
  return ports.files.list(directory).flatMap(name => {
    const path = join(directory, name)
    const kind = ports.files.stat(path)?.kind
    if (kind === 'directory') return documents(ports, path)
    return kind === 'file' && name.endsWith('.md') ? [path] : []
  })
}

function judge(ports: Pick<Ports, 'files'>, path: string, ascii: boolean): readonly Suspect[] {
  const bytes = ports.files.bytes(path) ?? new Uint8Array()
  if (!ascii && isUtf8(bytes)) return []
  const repaired = repairEncoding(bytes, ascii)
  return repaired.problems.length === 0 ? [] : [{ path, bytes, ...repaired }]
}

interface RepairPlan {
  readonly changes: readonly Change[]
  readonly backup?: string
}

function planRepair(ports: Pick<Ports, 'files'>, suspect: Suspect, keep: boolean): RepairPlan {
  const { path, bytes, text } = suspect
  const write: Change = { kind: 'write_file', path, content: text, expect: bytes }
  if (!keep) return { changes: [write] }
  const backup = freeName(ports, `${path}.bak`)
  return { changes: [{ kind: 'write_file', path: backup, content: bytes, expect: null }, write], backup }
}

/** A backup of an earlier repair is kept as well. */
function freeName(ports: Pick<Ports, 'files'>, path: string): string {
  if (ports.files.stat(path) === undefined) return path
  let count = 2
  while (ports.files.stat(`${path}${count}`) !== undefined) count++
  return `${path}${count}`
}
