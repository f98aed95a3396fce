/** `.kittify/config.yaml`: the settings that commands obey. Unknown keys are left to whoever wrote them. */

import { KittyError } from '@spec-kitty/contracts/errors'
import { isArray, isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { join } from '../../text/paths.ts'
import { readYaml } from '../../text/yaml.ts'
import type { Ports } from '../../world/ports.ts'
import type { Project } from './locate.ts'

type Delivery = (typeof DELIVERIES)[number]
type Commits = (typeof COMMITS)[number]
type Independence = (typeof INDEPENDENCE)[number]
type StaleApprovals = (typeof STALE_APPROVALS)[number]

/** The default comes first. */
const DELIVERIES = ['direct', 'pull_request'] as const
const COMMITS = ['every', 'phase'] as const
const INDEPENDENCE = ['warn', 'off', 'require'] as const
const STALE_APPROVALS = ['block', 'warn'] as const

export interface ProjectConfig {
  /** False leaves bookkeeping uncommitted. */
  readonly autoCommit: boolean
  /** Branches that take no bookkeeping commits. */
  readonly protectedBranches: readonly string[]
  /** How finished missions reach their target: merged from here, or by the forge alone. */
  readonly delivery: Delivery
  /** A commit for each command, or for each phase of a mission with what came before it. */
  readonly commits: Commits
  readonly mergeStrategy: string | undefined
  /** What a merge does about code that came after its approval. */
  readonly staleApprovals: StaleApprovals
  /** Approving one's own work: not looked at, said and marked, or refused. */
  readonly independence: Independence
  readonly agents: readonly string[]
  /** Minutes in review after which a WP counts as stalled. */
  readonly stallMinutes: number
  readonly raw: JsonObject
}

export function configPath(project: Project): string {
  return join(project.root, '.kittify', 'config.yaml')
}

/**
 * Reads the configuration; a project without one has the defaults. Throws `file_malformed`, and `invalid_input` where a
 * setting has a value that nobody knows: guessing could commit where nothing may be committed.
 */
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
  const review = section(raw, 'review')
  const stall = review.stall_threshold_minutes
  const strategy = section(raw, 'merge').strategy
  return {
    autoCommit: (agents.auto_commit ?? raw.auto_commit) !== false,
    protectedBranches: strings(raw.protected_branches),
    commits: choice('commits', raw.commits, COMMITS),
    delivery: choice('delivery', raw.delivery, DELIVERIES),
    staleApprovals: choice('review.stale_approvals', review.stale_approvals, STALE_APPROVALS),
    // Older YAML writes the word `off` for false.
    independence: choice(
      'review.independence',
      review.independence === false ? 'off' : review.independence,
      INDEPENDENCE,
    ),
    mergeStrategy: typeof strategy === 'string' ? strategy : undefined,
    agents: typeof agents.available === 'string' ? [agents.available] : strings(agents.available),
    stallMinutes: typeof stall === 'number' && stall > 0 ? stall : 30,
    raw,
  }
}

/** The setting, the first of its values where nothing is said. */
function choice<T extends string>(key: string, value: Json | undefined, values: readonly [T, ...T[]]): T {
  if (value === undefined || value === null) return values[0]
  const known = values.find(one => one === value)
  if (known !== undefined) return known
  throw new KittyError('invalid_input', `${key} in .kittify/config.yaml is ${JSON.stringify(value)}`, {
    hint: sh`Choose from: ${listed(values)}`,
    data: { setting: key },
  })
}

/** Whether this branch takes no commits from here, unless the variable of the Python edition lifts that. */
export function isProtected(
  { env }: Pick<Ports, 'env'>,
  { protectedBranches }: Pick<ProjectConfig, 'protectedBranches'>,
  branch: string,
): boolean {
  const lifted = env.get('SPEC_KITTY_ALLOW_PROTECTED_BRANCH_COMMITS') ?? ''
  return protectedBranches.includes(branch) && !/^(1|true|yes)$/i.test(lifted)
}

/** Whether a mission for this target reaches it by a pull request only. */
export function landsByForge(
  ports: Pick<Ports, 'env'>,
  config: ProjectConfig,
  { targetBranch }: { readonly targetBranch: string },
): boolean {
  return config.delivery === 'pull_request' || isProtected(ports, config, targetBranch)
}

function section(raw: JsonObject, key: string): JsonObject {
  const value = raw[key]
  return isObject(value) ? value : {}
}

function strings(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.filter(item => typeof item === 'string') : []
}
