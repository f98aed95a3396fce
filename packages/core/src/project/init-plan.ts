/** What `init` writes, as a value: computed from facts, printed by `--dry-run`, performed as it is. */
import type { Init } from '@spec-kitty/contracts/cli/init'
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import type { Project } from '../repo/project/locate.ts'
import { join } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import { type AgentFile, type AgentFilesPlan, planAgentFiles } from './agent-files.ts'
import type { Agent } from './agents.ts'
import { ATTRIBUTES, IGNORED, withLines } from './git-files.ts'
import { MANIFEST_PATH, printManifest } from './manifest.ts'

export interface InitRequest {
  /** A directory to make, relative to where the user stands; left out or `.`: the project he stands in. */
  readonly name: string | undefined
  readonly agents: readonly Agent[]
  /** Protect the remote's default branch against bookkeeping commits. */
  readonly protect: boolean
  readonly commit: boolean
  readonly gitInit: boolean
  /** The folder the user stands in, where the top of its repository was taken without a word from him. */
  readonly passedBy: string | undefined
  readonly dryRun: boolean
  /** What was asked for, as a command that does it. */
  readonly command: Remedy
  /** Where the texts of this program lie. */
  readonly assets: string
  readonly version: string
}

export interface InitTarget {
  /** Absolute: where `.kittify` goes. */
  readonly root: string
  /** The repository that holds `root`: its top, or a folder that is a project of its own. */
  readonly repository: Project | undefined
  /** `root` lies deeper inside this repository. */
  readonly outer: string | undefined
  readonly initialized: boolean
}

export interface InitFacts {
  readonly target: InitTarget
  /** What the chosen agents get. */
  readonly agentFiles: readonly AgentFile[]
  /** Texts of the files that lie where we want to write, by path relative to the project. */
  readonly existing: ReadonlyMap<string, string>
  /** The branch that is checked out. */
  readonly branch: string | null
  /** The branch that `--protect` protects. */
  readonly defaultBranch: string | null
  readonly now: string
  readonly slug: string
  readonly uuid: string
  readonly nodeId: string
  readonly buildId: string
}

export interface InitPlan {
  readonly files: readonly Change[]
  readonly commit: readonly Change[]
  readonly result: Init
}

/**
 * The edition of the project layout. Both editions share schema 3; the Python edition offers to migrate projects
 * that name an older version than its own, so we name the one whose layout we write.
 */
const LAYOUT_VERSION = '3.2.0'
const CONFIG_PATH = '.kittify/config.yaml'
const METADATA_PATH = '.kittify/metadata.yaml'

/** The paths that `init` may write beside the files of agents, relative to the project. */
export const PROJECT_PATHS: readonly string[] = [
  CONFIG_PATH,
  METADATA_PATH,
  MANIFEST_PATH,
  '.gitignore',
  '.gitattributes',
]

/** Pure: the files, the commit and what to tell about them. */
export function planInit(facts: InitFacts, request: InitRequest): InitPlan {
  const agents = planAgentFiles(facts.agentFiles, facts.existing, new Map())
  const { kept } = agents
  const protectedBranches = request.protect && facts.defaultBranch !== null ? [facts.defaultBranch] : []
  const wanted = new Map([
    ...projectFiles(facts, request, protectedBranches, agents),
    ...gitFiles(facts),
    ...agents.writes,
  ])
  const paths = [...wanted.keys()].sort(compareCodePoints)
  const changed = paths.filter(path => facts.existing.get(path) !== wanted.get(path))
  const { root } = facts.target
  const git = facts.target.repository === undefined ? (request.gitInit ? 'initialized' : 'none') : 'existing'
  const onProtected = facts.branch !== null && protectedBranches.includes(facts.branch)
  const committed = request.commit && git !== 'none' && !onProtected
  const result: Init = {
    result: 'initialized',
    dry_run: request.dryRun,
    project_root: root,
    agents: request.agents.map(agent => agent.key),
    files: [
      ...changed.map(path => ({
        path,
        action: facts.existing.has(path) ? ('updated' as const) : ('created' as const),
      })),
      ...kept.map(path => ({ path, action: 'kept' as const })),
    ],
    git,
    committed,
    protected_branches: protectedBranches,
    notes: notes(facts, request, { git, kept, onProtected, committed }),
    next_steps: nextSteps(facts, request, commitSteps(changed, { git, onProtected, committed })),
  }
  return {
    files: changed.map(path => ({
      kind: 'write_file',
      path: join(root, path),
      content: wanted.get(path) ?? '',
      expect: facts.existing.get(path) ?? null,
    })),
    commit: committed
      ? [
          {
            kind: 'commit',
            checkout: facts.target.repository?.top ?? root,
            paths: changed.map(path => join(root, path)),
            message: 'Set up Spec Kitty',
          },
        ]
      : [],
    result,
  }
}

/** Files that belong to the user as well: our lines are added, the rest stays. */
function gitFiles(facts: InitFacts): Map<string, string> {
  const files = new Map<string, string>()
  const lines = [
    ['.gitignore', IGNORED],
    ['.gitattributes', ATTRIBUTES],
  ] as const
  for (const [path, wanted] of lines) {
    const text = withLines(facts.existing.get(path), wanted)
    if (text !== undefined) files.set(path, text)
  }
  return files
}

function projectFiles(
  facts: InitFacts,
  request: InitRequest,
  protectedBranches: readonly string[],
  agents: AgentFilesPlan,
): Map<string, string> {
  return new Map([
    [CONFIG_PATH, configText(facts, request, protectedBranches)],
    [METADATA_PATH, metadataText(facts)],
    [MANIFEST_PATH, printManifest(request.version, [...agents.entries.values()])],
  ])
}

function configText(facts: InitFacts, request: InitRequest, protectedBranches: readonly string[]): string {
  const lines = [
    'project:',
    `  uuid: ${facts.uuid}`,
    `  slug: ${scalar(facts.slug)}`,
    `  node_id: ${scalar(facts.nodeId)}`,
    `  build_id: ${facts.buildId}`,
    'vcs:',
    '  type: git',
    'agents:',
    '  available:',
    ...request.agents.map(agent => `  - ${agent.key}`),
    '  auto_commit: true',
    ...(protectedBranches.length === 0
      ? []
      : [
          'protected_branches:',
          ...protectedBranches.map(name => `- ${scalar(name)}`),
          'delivery: pull_request',
        ]),
  ]
  return `${lines.join('\n')}\n`
}

/** Quoted unless it reads as a plain word in every YAML reader. */
function scalar(text: string): string {
  const plain = /^[A-Za-z][\w./-]*$/.test(text) && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(text)
  return plain ? text : JSON.stringify(text)
}

function metadataText(facts: InitFacts): string {
  return `spec_kitty:
  version: ${LAYOUT_VERSION}
  initialized_at: '${facts.now}'
  last_upgraded_at: null
  schema_version: 3
  schema_capabilities:
    canonical_context: true
    event_log_authority: true
    ownership_manifest: true
    thin_shims: true
migrations:
  applied: []
`
}

interface Told {
  readonly git: Init['git']
  readonly kept: readonly string[]
  readonly onProtected: boolean
  readonly committed: boolean
}

function notes(facts: InitFacts, request: InitRequest, told: Told): string[] {
  const { outer } = facts.target
  const out: string[] = []
  if (told.kept.length > 0) out.push(`Kept as they are, because somebody wrote them: ${told.kept.join(', ')}`)
  if (told.git === 'none') {
    out.push(
      outer === undefined
        ? 'Not a git repository yet.'
        : `Inside the repository ${outer}, but not a repository itself yet.`,
    )
  } else if (told.onProtected) {
    out.push(`Not committed: '${facts.branch}' is protected now. The first step takes them to a branch.`)
  } else if (!told.committed && !request.dryRun) {
    out.push('Not committed.')
  }
  if (request.protect && facts.defaultBranch === null) {
    out.push(
      'Nothing is protected: there is no branch yet. List branches under protected_branches in .kittify/config.yaml',
    )
  }
  if (request.passedBy !== undefined) {
    const agents = request.agents.map(agent => agent.key).join(',')
    out.push(
      sh`The project is the whole repository. To make this folder one of its own: cd ${request.passedBy} && spec-kitty init --here --ai ${agents}`,
    )
  }
  return out
}

/** What commits the files that are written and not committed; missions begin beside a protected branch, or on it. */
function commitSteps(
  changed: readonly string[],
  { git, onProtected, committed }: Omit<Told, 'kept'>,
): readonly string[] {
  if (committed || changed.length === 0) return []
  const commands = [
    ...(git === 'none' ? [sh`git init`] : []),
    ...(onProtected ? [sh`git switch -c set-up-spec-kitty`] : []),
    sh`git add -- ${briefly(changed)}`,
    sh`git commit -m "Set up Spec Kitty"`,
  ]
  return [commands.join(' && ')]
}

/** The files by few names that take in nothing of anybody else's: ours in an agent's folder all begin alike. */
function briefly(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.map(path => path.replace(/(\/spec-kitty)\W.*$/, '$1*')))]
}

function nextSteps(facts: InitFacts, request: InitRequest, commit: readonly string[]): string[] {
  if (request.dryRun) return [request.command]
  const [first] = request.agents
  return [
    ...(facts.target.outer === undefined && request.name === undefined ? [] : [sh`cd ${facts.target.root}`]),
    ...commit,
    ...(first === undefined ? [] : [`in ${first.name}: ${first.prefix}specify <what you want to build>`]),
    'by hand: spec-kitty agent mission create my-feature',
  ]
}
