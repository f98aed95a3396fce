/** `.kittify/config.yaml`: the settings that commands obey. Unknown keys are left to whoever wrote them. */
import { isArray, isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import { join } from '../../text/paths.ts'
import { readYaml } from '../../text/yaml.ts'
import type { Ports } from '../../world/ports.ts'
import type { Project } from './locate.ts'

export interface ProjectConfig {
  /** False leaves bookkeeping uncommitted. */
  readonly autoCommit: boolean
  /** Branches that take no bookkeeping commits. */
  readonly protectedBranches: readonly string[]
  readonly mergeStrategy: string | undefined
  /** What a merge does about code that came after its approval. */
  readonly staleApprovals: 'block' | 'warn'
  readonly agents: readonly string[]
  /** Minutes in review after which a WP counts as stalled. */
  readonly stallMinutes: number
  readonly raw: JsonObject
}

export function configPath(project: Project): string {
  return join(project.root, '.kittify', 'config.yaml')
}

/** Reads the configuration; a project without one has the defaults. Throws `file_malformed`. */
export async function readConfig(
  ports: Pick<Ports, 'files' | 'yaml'>,
  project: Project,
): Promise<ProjectConfig> {
  const path = configPath(project)
  const text = ports.files.text(path)
  const value = text === undefined || text.trim() === '' ? {} : await readYaml(ports, text, path)
  return interpret(isObject(value) ? value : {})
}

function interpret(raw: JsonObject): ProjectConfig {
  // An upgrade by the Python edition renames the section to `tools`.
  const agents = section(raw, isObject(raw.agents) ? 'agents' : 'tools')
  const stall = section(raw, 'review').stall_threshold_minutes
  const strategy = section(raw, 'merge').strategy
  return {
    autoCommit: (agents.auto_commit ?? raw.auto_commit) !== false,
    protectedBranches: strings(raw.protected_branches),
    staleApprovals: section(raw, 'review').stale_approvals === 'warn' ? 'warn' : 'block',
    mergeStrategy: typeof strategy === 'string' ? strategy : undefined,
    agents: typeof agents.available === 'string' ? [agents.available] : strings(agents.available),
    stallMinutes: typeof stall === 'number' && stall > 0 ? stall : 30,
    raw,
  }
}

function section(raw: JsonObject, key: string): JsonObject {
  const value = raw[key]
  return isObject(value) ? value : {}
}

function strings(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.filter(item => typeof item === 'string') : []
}
