/** What an agent gets in the project: one list for init, `agent config` and upgrade. Pure. */
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { sameText } from '../text/line-ends.ts'
import { type Agent, commandPath, commandSkillPath, skillPath } from './agents.ts'
import { hashOf, type ManifestEntry, manifestEntry } from './manifest.ts'
import { findOrientation, ORIENTATION, orientationGap, withOrientation } from './orientation.ts'
import { type AgentTexts, renderCommand, renderCommandSkill, renderSkill } from './slash-commands.ts'

export interface AgentFile {
  /** Relative to the project. */
  readonly path: string
  /** A file of ours, or our block in a file of the user's. */
  readonly part: ManifestEntry['part']
  /** Of the whole file; of a block only the block. */
  readonly text: string
  /** Keys of the agents it serves, in the order asked. */
  readonly agents: readonly string[]
  /** One of the agents, for what depends on whose file it is. */
  readonly agent: Agent
}

/** The files and blocks of these agents, sorted by path. `version` goes into the marker of command files. */
export function agentFiles(
  agents: readonly Agent[],
  texts: AgentTexts,
  version: string,
): readonly AgentFile[] {
  const found = new Map<string, AgentFile>()
  const add = (path: string | undefined, agent: Agent, text: string, more: Partial<AgentFile> = {}): void => {
    if (path === undefined) return
    const users = [...(found.get(path)?.agents ?? []), agent.key]
    found.set(path, { path, part: 'file', text, agent, ...more, agents: users })
  }
  for (const agent of agents) {
    for (const text of texts.commands)
      add(commandPath(agent, text.name), agent, renderCommand(agent, text, version))
    const { commandSkills } = agent
    for (const text of commandSkills === undefined ? [] : texts.commands)
      add(commandSkillPath(commandSkills ?? '', text.name), agent, renderCommandSkill(text, version))
    for (const text of texts.skills) add(skillPath(agent, text.name), agent, renderSkill(text, version))
    add(agent.orientation, agent, ORIENTATION, { part: 'block' })
  }
  return [...found.values()].sort((a, b) => compareCodePoints(a.path, b.path))
}

export interface AgentFilesPlan {
  /** Complete new texts of files that change, by path. */
  readonly writes: ReadonlyMap<string, string>
  /** What is ours once they are written. */
  readonly entries: ReadonlyMap<string, ManifestEntry>
  /** Files of the user's, or edited by him, that lie where ours would: left alone. */
  readonly kept: readonly string[]
}

/**
 * How `files` come into a project. `existing` holds the texts of the files that are there, `known` what we wrote
 * before: a file that is still as we wrote it is brought up to date, any other is kept.
 */
export function planAgentFiles(
  files: readonly AgentFile[],
  existing: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, ManifestEntry>,
): AgentFilesPlan {
  const writes = new Map<string, string>()
  const entries = new Map<string, ManifestEntry>()
  const kept: string[] = []
  for (const file of files) {
    const there = existing.get(file.path)
    const before = known.get(file.path)
    if (there !== undefined && !mayWrite(file, there, before)) {
      kept.push(file.path)
      if (before !== undefined)
        entries.set(file.path, { ...before, agents: union(before.agents, file.agents) })
      continue
    }
    const after = file.part === 'file' ? file.text : withOrientation(there, file.agent)
    if (!sameText(after, there)) writes.set(file.path, after)
    entries.set(file.path, ownedEntry(file, there, before))
  }
  return { writes, entries, kept }
}

/** True while what is there is ours as we wrote it, or will be the same. */
function mayWrite(file: AgentFile, there: string, before: ManifestEntry | undefined): boolean {
  if (file.part === 'file') {
    return sameText(there, file.text) || (before !== undefined && hashOf(there) === before.sha256)
  }
  const block = findOrientation(there)
  return (
    block === undefined || before === undefined || [before.sha256, hashOf(file.text)].includes(hashOf(block))
  )
}

function ownedEntry(
  file: AgentFile,
  there: string | undefined,
  before: ManifestEntry | undefined,
): ManifestEntry {
  const entry = manifestEntry(file.path, union(before?.agents ?? [], file.agents), file.part, file.text)
  if (file.part === 'file' || there === undefined) return entry
  const gap = gapOf(there, before)
  return gap === undefined ? entry : { ...entry, gap }
}

/** What stands between the user's text and our block; undefined when the file is ours alone. */
function gapOf(there: string, before: ManifestEntry | undefined): string | undefined {
  const block = findOrientation(there)
  if (block === undefined) return orientationGap(there)
  if (before !== undefined) return before.gap
  // A block of the Python edition.
  return there.trim() === block.trim() ? undefined : ''
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])]
}
