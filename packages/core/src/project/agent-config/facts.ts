/** What `agent config` decides on: the settings, the manifest, and the files of agents that are there. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { locateProject, type Project, requireKittify } from '../../repo/project/locate.ts'
import { join } from '../../text/paths.ts'
import type { Ports } from '../../world/ports.ts'
import { type AgentFile, agentFiles } from '../agent-files.ts'
import { AGENTS, type Agent, findAgent } from '../agents.ts'
import { MANIFEST_PATH, type ManifestEntry, readManifest, readPythonManifest } from '../manifest.ts'
import { type AgentTexts, readAgentTexts } from '../slash-commands.ts'
import { type AgentSettings, agentKeys, readSettings } from './settings.ts'

export interface Program {
  /** Where the texts of this program lie. */
  readonly assets: string
  readonly version: string
}

export interface AgentFacts {
  readonly project: Project
  readonly program: Program
  readonly settings: AgentSettings
  readonly texts: AgentTexts
  readonly manifestText: string | undefined
  /** What was written before, by this edition or the Python one; by path. */
  readonly known: ReadonlyMap<string, ManifestEntry>
  /** Texts of the files that are ours, would be ours, or lie in their place; by path. */
  readonly existing: ReadonlyMap<string, string>
  /** Links of the Python edition that lead nowhere; paths relative to the project. */
  readonly brokenLinks: readonly string[]
}

/** Throws `no_project`, `file_malformed`, `invalid_input` (an unknown agent in the configuration). */
export async function readAgentFacts(ports: Ports, program: Program): Promise<AgentFacts> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const settings = await readSettings(ports, project)
  const texts = readAgentTexts(ports.files, program.assets)
  const manifestText = ports.files.text(join(project.root, MANIFEST_PATH))
  const python = ports.files.text(join(project.root, '.kittify/command-skills-manifest.json'))
  const known = new Map([...readPythonManifest(python), ...readManifest(manifestText)])
  const brokenLinks = findBrokenLinks(ports, project.root, settings.agents)
  const existing = readTexts(ports, project.root, [
    ...agentFiles(AGENTS, texts, program.version),
    ...known.values(),
  ])
  return { project, program, settings, texts, manifestText, known, existing, brokenLinks }
}

/**
 * What stands in these places. What is no text, or a folder, is in any case not what we wrote; only in a file of the
 * user's that holds a block of ours it is refused. Throws `not_utf8`, `io_failed`.
 */
export function readTexts(
  { files }: Pick<Ports, 'files'>,
  root: string,
  places: readonly Pick<ManifestEntry, 'path' | 'part'>[],
): Map<string, string> {
  const existing = new Map<string, string>()
  for (const { path, part } of places) {
    const at = join(root, path)
    if (existing.has(path)) continue
    const text = part === 'block' ? files.text(at) : looseText(files, at)
    if (text !== undefined) existing.set(path, text)
  }
  return existing
}

function looseText(files: Ports['files'], path: string): string | undefined {
  if (files.stat(path)?.kind === 'directory') return ''
  const bytes = files.bytes(path)
  return bytes && new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

/** The files these agents should have. */
export function wantedFiles(facts: AgentFacts, agents: readonly Agent[]): readonly AgentFile[] {
  return agentFiles(agents, facts.texts, facts.program.version)
}

/** Throws `invalid_input` that names what is not an agent. */
export function findAgents(keys: readonly string[]): readonly Agent[] {
  const unknown = keys.filter(key => findAgent(key) === undefined)
  if (unknown.length > 0) {
    throw new KittyError(
      'invalid_input',
      `Invalid agent keys: ${unknown.join(', ')}. Valid agents: ${agentKeys()}`,
      { hint: sh`spec-kitty agent config list` },
    )
  }
  return [...new Set(keys)].flatMap(key => findAgent(key) ?? [])
}

/** Names of the skills that the Python edition links into a project. */
const PYTHON_SKILL = /^(spec-kitty|spk-|ad-hoc-profile-load)/

function findBrokenLinks(
  ports: Pick<Ports, 'files'>,
  root: string,
  agents: readonly Agent[],
): readonly string[] {
  const { files } = ports
  const directories = new Set(agents.flatMap(agent => (agent.skills === undefined ? [] : [agent.skills])))
  const leadsNowhere = (path: string): boolean =>
    files.stat(path)?.kind === 'link' &&
    // A link to a directory has a `.`; one to a file a text.
    files.stat(`${path}/.`) === undefined &&
    files.text(path) === undefined
  const below = (path: string): readonly string[] =>
    files.stat(join(root, path))?.kind === 'directory'
      ? files.list(join(root, path)).flatMap(name => below(`${path}/${name}`))
      : [path]
  return [...directories].flatMap(directory =>
    files
      .list(join(root, directory))
      .filter(name => PYTHON_SKILL.test(name))
      .flatMap(name => below(`${directory}/${name}`))
      .filter(path => leadsNowhere(join(root, path))),
  )
}
