/** `upgrade`: brings what this edition wrote into a project up to date; commits only when asked. */
import type { Upgrade } from '@spec-kitty/contracts/cli/upgrade'
import { readConfig } from '../repo/project/config.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import { readSchemaVersion, SCHEMA_VERSION, schemaRefusal } from '../repo/project/schema.ts'
import { isInside, join, relativeTo } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { refuseProtected } from '../write/commit.ts'
import { type AgentFacts, type Program, readAgentFacts } from './agent-config/facts.ts'
import { type FilesPlan, planFiles } from './agent-config/plan.ts'
import { ATTRIBUTES, IGNORED, withLines } from './git-files.ts'
import { registerMergeDriver } from './merge-driver.ts'
import { backfillIdentity } from './migrate.ts'

export interface UpgradeInput {
  readonly dryRun?: boolean | undefined
  readonly commit?: boolean | undefined
}

type Step = Upgrade['migrations'][number]

interface Work {
  readonly id: Step['id']
  readonly description: string
  readonly changes: readonly Change[]
}

/**
 * Throws `schema_too_old` (4), `schema_too_new` (5), `no_project`, `file_malformed`, and with `commit`
 * `protected_branch`, before anything is written. Every step is idempotent.
 */
export async function upgrade(ports: Ports, program: Program, input: UpgradeInput): Promise<Upgrade> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const refusal = schemaRefusal(readSchemaVersion(ports, project))
  if (refusal !== undefined) throw refusal
  const dryRun = input.dryRun === true
  const commit = input.commit === true && !dryRun
  if (commit) refuseProtected(ports, project, await readConfig(ports, project), true)
  const facts = await readAgentFacts(ports, program)
  const agentFiles = planFiles(facts, facts.settings.agents, [])
  const work = plan(ports, project, agentFiles)
  if (!dryRun) for (const { changes } of work) await ports.apply(changes)
  const ids = await backfillIdentity(ports, { dryRun })
  const steps = [
    ...work.map(item => describe(item, project, dryRun)),
    step(
      'mission-ids',
      'An id for missions that have none',
      ids.results.flatMap(row => (row.action === 'wrote' ? [row.path] : [])),
      dryRun,
    ),
  ]
  const written = steps.flatMap(item => item.files).filter(path => !path.startsWith('.git/'))
  const committed = commit && written.length > 0
  if (committed) await ports.apply([commitOf(project, written)])
  const errors = ids.results.flatMap(row => (row.action === 'error' ? [`${row.path}: ${row.reason}`] : []))
  return answer(ports, project, facts, {
    dry_run: dryRun,
    migrations: steps,
    kept: agentFiles.files.flatMap(file => (file.action === 'kept' ? [file.path] : [])),
    warnings: errors,
    auto_committed: committed,
    auto_commit_paths: committed ? written : [],
  })
}

function plan(ports: Ports, project: Project, agentFiles: FilesPlan): readonly Work[] {
  return [
    {
      id: 'git-files',
      description: 'Our lines in .gitignore and .gitattributes',
      changes: [
        ...linesChange(ports, project, '.gitignore', IGNORED),
        ...linesChange(ports, project, '.gitattributes', ATTRIBUTES),
      ],
    },
    {
      id: 'merge-driver',
      description: 'The merge driver for event logs in .git/config',
      changes: registerMergeDriver(ports, project.commonDir),
    },
    {
      id: 'agent-files',
      description: 'The files of agents, as this version writes them',
      changes: agentFiles.changes,
    },
  ]
}

function linesChange(
  ports: Pick<Ports, 'files'>,
  project: Project,
  name: string,
  lines: readonly string[],
): readonly Change[] {
  const path = join(project.root, name)
  const before = ports.files.text(path)
  const content = withLines(before, lines)
  return content === undefined ? [] : [{ kind: 'write_file', path, content, expect: before ?? null }]
}

function describe(item: Work, project: Project, dryRun: boolean): Step {
  const paths = item.changes.flatMap(one =>
    one.kind === 'write_file' || one.kind === 'delete_file' ? [one.path] : [],
  )
  const files = paths.map(path =>
    isInside(project.commonDir, path)
      ? `.git/${relativeTo(project.commonDir, path)}`
      : relativeTo(project.root, path),
  )
  return step(item.id, item.description, files, dryRun)
}

function step(id: Step['id'], description: string, files: string[], dryRun: boolean): Step {
  const status = files.length === 0 ? 'skipped' : dryRun ? 'pending' : 'applied'
  return { id, description, status, files: [...new Set(files)] }
}

function commitOf(project: Project, paths: readonly string[]): Change {
  const message = 'Upgrade the files of Spec Kitty'
  return {
    kind: 'commit',
    checkout: project.top,
    paths: paths.map(path => join(project.root, path)),
    message,
  }
}

type Rest = Pick<
  Upgrade,
  'dry_run' | 'migrations' | 'kept' | 'warnings' | 'auto_committed' | 'auto_commit_paths'
>

function answer(ports: Ports, project: Project, facts: AgentFacts, rest: Rest): Upgrade {
  const changed = rest.migrations.filter(item => item.status !== 'skipped')
  const status = changed.length === 0 ? 'up_to_date' : rest.dry_run ? 'pending' : 'success'
  return {
    status,
    success: true,
    ...rest,
    current_version: writtenBy(facts),
    target_version: facts.program.version,
    project: {
      project_root: project.root,
      schema_version: readSchemaVersion(ports, project) ?? null,
      min_supported: SCHEMA_VERSION,
      max_supported: SCHEMA_VERSION,
    },
    migrations_applied: rest.migrations.flatMap(item => (item.status === 'applied' ? [item.id] : [])),
    migrations_skipped: rest.migrations.flatMap(item => (item.status === 'skipped' ? [item.id] : [])),
    errors: [],
  }
}

/** The version of this program that wrote the files, as the manifest tells; else the present one. */
function writtenBy({ manifestText, program }: AgentFacts): string {
  const named = /"spec_kitty_version": "([^"]+)"/.exec(manifestText ?? '')?.[1]
  return named ?? (manifestText === undefined ? 'none' : program.version)
}
