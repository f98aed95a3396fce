/** `spec-kitty init`: sets a project up with real files inside it and nothing outside. */
import type { Init } from '@spec-kitty/contracts/cli/init'
import { KittyError } from '@spec-kitty/contracts/errors'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { locateProject, type Project } from '../repo/project/locate.ts'
import { remoteDefault } from '../repo/project/primary.ts'
import { basename, isInside, join, resolvePath } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { conduct } from '../write/conduct.ts'
import { readTexts } from './agent-config/facts.ts'
import { agentFiles } from './agent-files.ts'
import { AGENTS, type Agent, findAgent } from './agents.ts'
import { type InitFacts, type InitRequest, type InitTarget, PROJECT_PATHS, planInit } from './init-plan.ts'
import { registerMergeDriver } from './merge-driver.ts'
import { readAgentTexts } from './slash-commands.ts'

type Where = Pick<Ports, 'env' | 'files'>

/**
 * Reads a list of agent keys as typed: commas or semicolons, any case, duplicates dropped, order kept.
 * Throws `invalid_input` for an unknown key or an empty list.
 */
export function parseAgents(text: string): readonly Agent[] {
  const keys = [...new Set(text.split(/[,;]/).map(key => key.trim().toLowerCase()))].filter(key => key !== '')
  const known = AGENTS.map(agent => agent.key)
  const unknown = keys.filter(key => findAgent(key) === undefined)
  if (unknown.length > 0) {
    throw new KittyError(
      'invalid_input',
      `Invalid AI assistant(s): ${unknown.join(', ')}. Choose from: ${known.join(', ')}`,
      {
        hint: sh`spec-kitty init --ai claude`,
      },
    )
  }
  if (keys.length === 0) {
    throw new KittyError('invalid_input', '--ai flag did not contain any valid agent identifiers', {
      hint: sh`Choose from: ${listed(known)}`,
    })
  }
  return keys.flatMap(key => findAgent(key) ?? [])
}

/**
 * Where `init [NAME]` works: with `here` in the folder the user stands in, otherwise in the project around it, or at the
 * top of the repository. Throws `invalid_input` when NAME exists, `not_a_repository` where git keeps its own files.
 */
export function findTarget(ports: Where, name: string | undefined, here: boolean): InitTarget {
  const around = repositoryAround(ports)
  if (name === undefined || name === '.') {
    const { cwd } = ports.env
    if (around !== undefined && isInside(around.commonDir, cwd)) throw insideGit(around, cwd)
    // In a lane or a linked worktree without missions the project is elsewhere.
    const root = around === undefined || (here && around.checkout === around.top) ? cwd : around.root
    const repository = around === undefined ? undefined : { ...around, root }
    return { root, repository, outer: undefined, initialized: isInitialized(ports, root) }
  }
  const root = resolvePath(ports.env.cwd, name)
  if (ports.files.stat(root) !== undefined) {
    throw new KittyError('invalid_input', `Directory '${name}' already exists`, {
      hint: sh`cd ${name} && spec-kitty init`,
    })
  }
  return { root, repository: undefined, outer: around?.root, initialized: false }
}

function repositoryAround(ports: Where): Project | undefined {
  try {
    return locateProject(ports)
  } catch (error) {
    // The inside of a repository is no place for files either.
    const nowhere = error instanceof KittyError && error.code === 'not_a_repository'
    if (nowhere && error.data.bare === undefined) return undefined
    throw error
  }
}

function insideGit({ top }: Project, cwd: string): KittyError {
  return new KittyError('not_a_repository', `${cwd} belongs to git itself: no project can be there`, {
    hint: sh`cd ${top} && spec-kitty init`,
  })
}

function isInitialized(ports: Where, root: string): boolean {
  return ports.files.stat(join(root, '.kittify', 'config.yaml')) !== undefined
}

/** Sets the target up; with `dryRun` only says what it would do. Throws `detached_head` where a commit would be lost. */
export async function initProject(ports: Ports, target: InitTarget, request: InitRequest): Promise<Init> {
  if (target.initialized) return alreadyInitialized(target)
  const facts = readFacts(ports, target, request)
  refuseDetached(facts, request)
  const plan = planInit(facts, request)
  if (request.dryRun) return plan.result
  if (plan.result.git === 'initialized') await ports.git.init(target.root)
  // The driver goes into the configuration of a repository that may have been made just now.
  const driver = plan.result.git === 'none' ? [] : registerMergeDriver(ports, gitDirectory(target))
  await conduct(ports, [], stage => stage.perform([...plan.files, ...driver, ...plan.commit], target.root))
  return plan.result
}

/** A commit that no branch holds is soon nobody's. */
function refuseDetached({ target, branch }: InitFacts, { commit }: InitRequest): void {
  if (!commit || branch !== null || target.repository === undefined) return
  throw new KittyError('detached_head', 'Must be on a branch to commit the set-up (detached HEAD detected)', {
    hint: sh`git switch -c set-up-spec-kitty, or pass --no-commit`,
  })
}

function gitDirectory(target: InitTarget): string {
  return target.repository?.commonDir ?? join(target.root, '.git')
}

function readFacts(ports: Ports, target: InitTarget, request: InitRequest): InitFacts {
  const wanted = agentFiles(request.agents, readAgentTexts(ports.files, request.assets), request.version)
  const own = PROJECT_PATHS.map(path => ({ path, part: 'block' }) as const)
  const existing = readTexts(ports, target.root, [...own, ...wanted])
  const { repository } = target
  const branch = repository === undefined ? null : ports.git.head(repository.top).branch
  return {
    target,
    agentFiles: wanted,
    existing,
    branch,
    defaultBranch: repository === undefined ? branch : (remoteDefault(ports, repository) ?? branch),
    now: ports.clock.now(),
    slug: basename(target.root),
    uuid: uuid(ports.ids.hex(32)),
    nodeId: ports.ids.hex(12),
    buildId: uuid(ports.ids.hex(32)),
  }
}

/** A random (version 4) UUID from 32 hexadecimal digits. */
function uuid(hex: string): string {
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4]
  const groups = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
  ]
  return [...groups, hex.slice(20)].join('-')
}

function alreadyInitialized(target: InitTarget): Init {
  return {
    result: 'already_initialized',
    dry_run: false,
    project_root: target.root,
    agents: [],
    files: [],
    git: target.repository === undefined ? 'none' : 'existing',
    committed: false,
    protected_branches: [],
    notes: [],
    next_steps: ['spec-kitty agent config list', 'spec-kitty where'],
  }
}
