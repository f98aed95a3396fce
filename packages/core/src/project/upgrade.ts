/** `upgrade`: brings what this edition wrote into a project up to date; commits only when asked. */
import type { Upgrade } from '@spec-kitty/contracts/cli/upgrade'
import { locateProject, type Project } from '../repo/project/locate.ts'
import { readSchemaVersion, SCHEMA_VERSION, schemaRefusal } from '../repo/project/schema.ts'
import { isInside, relativeTo } from '../text/paths.ts'
import { type Change, written } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { rehearse } from '../write/rehearse.ts'
import { writeProject } from '../write/write.ts'
import { type AgentFacts, type Program, readAgentFacts } from './agent-config/facts.ts'
import { type FilesPlan, planFiles } from './agent-config/plan.ts'
import { ATTRIBUTES, IGNORED, linesChange } from './git-files.ts'
import { registerMergeDriver } from './merge-driver.ts'
import { needs, planIds } from './migrate.ts'

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
  const dryRun = input.dryRun === true
  const stage = dryRun ? rehearse(ports).ports : ports
  const refusal = schemaRefusal(readSchemaVersion(stage, locateProject(stage)))
  if (refusal !== undefined) throw refusal
  const { missions, needing } = needs(stage)
  const options = { autoCommit: input.commit === true, missions: needing }
  return await writeProject<Upgrade>(stage, options, async ({ project }) => {
    const facts = await readAgentFacts(stage, program)
    const agentFiles = planFiles(facts, facts.settings.agents, [])
    const ids = planIds(stage, missions)
    const work: readonly Work[] = [
      ...plan(stage, project, agentFiles),
      { id: 'mission-ids', description: 'An id for missions that have none', changes: ids.changes },
    ]
    const steps = work.map(item => describe(item, project, dryRun))
    const paths = steps.flatMap(item => item.files).filter(path => !path.startsWith('.git/'))
    const described = (committed: boolean): Upgrade =>
      answer(stage, project, facts, {
        dry_run: dryRun,
        migrations: steps,
        kept: agentFiles.files.flatMap(file => (file.action === 'kept' ? [file.path] : [])),
        warnings: ids.rows.flatMap(row => (row.action === 'error' ? [`${row.path}: ${row.reason}`] : [])),
        auto_committed: committed,
        auto_commit_paths: committed ? paths : [],
      })
    return {
      files: work.flatMap(item => item.changes),
      message: 'Upgrade the files of Spec Kitty',
      answer: described(false),
      committed: () => described(true),
    }
  })
}

function plan(ports: Ports, project: Project, agentFiles: FilesPlan): readonly Work[] {
  return [
    {
      id: 'git-files',
      description: 'Our lines in .gitignore and .gitattributes',
      changes: [
        ...linesChange(ports, project.root, '.gitignore', IGNORED),
        ...linesChange(ports, project.root, '.gitattributes', ATTRIBUTES),
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

function describe(item: Work, project: Project, dryRun: boolean): Step {
  const paths = written(item.changes)
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
    ...planOf(facts.program.version, rest.migrations),
    current_version: writtenBy(facts),
    target_version: facts.program.version,
    project: {
      state: 'compatible',
      metadata_error: null,
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

/** What a plan of 3.2.0 says beside the steps. */
function planOf(version: string, steps: readonly Step[]) {
  const pending = steps.filter(item => item.status === 'pending')
  return {
    ...({ schema_version: 1, case: 'none', decision: 'ALLOW', exit_code: 0, safety: 'unsafe' } as const),
    cli: {
      ...{ installed_version: version, latest_version: null },
      ...({ latest_source: 'none', is_outdated: false, fetched_at: null } as const),
    },
    install_method: 'npm' as const,
    upgrade_hint: {
      install_method: 'npm' as const,
      command: 'npm install --global spec-kitty',
      note: null,
    },
    pending_migrations: pending.map(({ id, description, files }) => ({
      migration_id: id,
      target_schema_version: SCHEMA_VERSION,
      description,
      files_modified: files,
    })),
    rendered_human: pending.map(item => item.description).join('\n'),
  }
}

/** The version of this program that wrote the files, as the manifest tells; else the present one. */
function writtenBy({ manifestText, program }: AgentFacts): string {
  const named = /"spec_kitty_version": "([^"]+)"/.exec(manifestText ?? '')?.[1]
  return named ?? (manifestText === undefined ? 'none' : program.version)
}
