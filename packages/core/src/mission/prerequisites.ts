/** Which documents a mission has, and whether the next step finds what it needs. Reads only, no git process. */
import type { CheckPrerequisites, MissionPathList } from '@spec-kitty/contracts/cli/check-prerequisites'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { locateProject } from '../repo/project/locate.ts'
import { join } from '../text/paths.ts'
import type { Files, Ports } from '../world/ports.ts'
import { currentContract } from './branch-contract.ts'

const FILES = { spec_file: 'spec.md', plan_file: 'plan.md', tasks_file: 'tasks.md' }
const FOLDERS = { checklists_dir: 'checklists', research_dir: 'research', tasks_dir: 'tasks' }
const DOCUMENTS = [
  'spec.md',
  'plan.md',
  'tasks.md',
  'research.md',
  'data-model.md',
  'quickstart.md',
  'analysis-report.md',
  'contracts/',
]

interface Input {
  readonly mission?: string | undefined
  readonly includeTasks?: boolean | undefined
}

/** Throws what naming a mission throws. */
export function checkPrerequisites(
  ports: Ports,
  input: Input,
): Omit<CheckPrerequisites, 'spec_kitty_version'> {
  const { mission, contract, found } = look(ports, input)
  const required = ['spec.md', ...(input.includeTasks === true ? ['tasks.md'] : [])]
  const errors = required
    .filter(name => !found.documents.includes(name))
    .map(name => `Missing required file: ${name}`)
  return {
    valid: errors.length === 0,
    errors,
    warnings: [],
    paths: { ...found.files, ...found.folders },
    artifact_files: found.files,
    artifact_dirs: found.folders,
    available_docs: found.documents,
    FEATURE_DIR: mission.dir,
    AVAILABLE_DOCS: found.documents,
    ...contract,
  }
}

/** The same for scripts that only want paths. */
export function missionPathList(ports: Ports, input: Input): Omit<MissionPathList, 'spec_kitty_version'> {
  const { mission, contract, found, specs } = look(ports, input)
  const file = (key: string): string => found.files[key] ?? ''
  return {
    ...found.files,
    ...found.folders,
    artifact_files: found.files,
    artifact_dirs: found.folders,
    available_docs: found.documents,
    FEATURE_DIR: mission.dir,
    SPEC_FILE: file('spec_file'),
    PLAN_FILE: file('plan_file'),
    TASKS_FILE: file('tasks_file'),
    FEATURE_SPEC: file('spec_file'),
    IMPL_PLAN: file('plan_file'),
    TASKS: file('tasks_file'),
    SPECS_DIR: specs,
    ...contract,
  }
}

function look(ports: Ports, input: Input) {
  const project = locateProject(ports)
  const mission = resolveMission(ports, project, input.mission)
  return {
    mission,
    specs: join(project.root, 'kitty-specs'),
    contract: currentContract(ports, project, mission),
    found: findArtifacts(ports.files, mission),
  }
}

function findArtifacts(files: Files, mission: Mission) {
  const existing = (names: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(names)
        .map(([key, name]) => [key, join(mission.dir, name)] as const)
        .filter(([, path]) => files.stat(path) !== undefined),
    )
  return {
    files: existing(FILES),
    folders: { ...existing(FOLDERS), feature_dir: mission.dir },
    documents: DOCUMENTS.filter(name => files.stat(join(mission.dir, name.replace(/\/$/, ''))) !== undefined),
  }
}
