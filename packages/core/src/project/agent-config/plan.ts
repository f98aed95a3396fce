/** From the agents a project has to the agents it should have: files, manifest, configuration. Pure. */
import type { AgentConfigChange } from '@spec-kitty/contracts/cli/agent-config'
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { sameText } from '../../text/line-ends.ts'
import { dirname, join } from '../../text/paths.ts'
import type { Change } from '../../world/change.ts'
import { planAgentFiles } from '../agent-files.ts'
import { AGENTS, type Agent, findAgent } from '../agents.ts'
import { hashOf, MANIFEST_PATH, type ManifestEntry, printManifest } from '../manifest.ts'
import { findOrientation, withoutOrientation } from '../orientation.ts'
import { type AgentFacts, wantedFiles } from './facts.ts'

export interface FilesPlan {
  readonly changes: readonly Change[]
  /** Relative to the project, sorted. */
  readonly files: AgentConfigChange['files']
}

interface Draft {
  readonly writes: Map<string, string>
  readonly deletes: Set<string>
  readonly kept: Set<string>
  readonly entries: Map<string, ManifestEntry>
}

/**
 * Writes the files of `add`, and takes the files of `remove` away that nobody else needs and nobody edited.
 * Links of the Python edition that lead nowhere give way to files of ours.
 */
export function planFiles(facts: AgentFacts, add: readonly Agent[], remove: readonly Agent[]): FilesPlan {
  const draft: Draft = {
    writes: new Map(),
    deletes: new Set(),
    kept: new Set(),
    entries: new Map(facts.known),
  }
  const wanted = wantedFiles(facts, add)
  for (const entry of facts.known.values()) {
    // Where an agent looks elsewhere by now, its old file goes.
    const moved = add.filter(
      agent => !wanted.some(file => file.path === entry.path && file.agents.includes(agent.key)),
    )
    release(facts, entry, [...remove, ...moved], draft)
  }
  const added = planAgentFiles(wanted, withDraft(facts.existing, draft), draft.entries)
  for (const [path, text] of added.writes) {
    draft.writes.set(path, text)
    draft.deletes.delete(path)
  }
  for (const [path, entry] of added.entries) draft.entries.set(path, entry)
  for (const path of added.kept) draft.kept.add(path)
  return finish(facts, draft)
}

/** Takes an entry's agents away from it; without any left, what is still as we wrote it goes. */
function release(facts: AgentFacts, entry: ManifestEntry, remove: readonly Agent[], draft: Draft): void {
  const keys = remove.map(agent => agent.key)
  if (!entry.agents.some(key => keys.includes(key))) return
  const agents = entry.agents.filter(key => !keys.includes(key))
  if (agents.length > 0) {
    draft.entries.set(entry.path, { ...entry, agents })
    return
  }
  draft.entries.delete(entry.path)
  const text = facts.existing.get(entry.path)
  if (text === undefined) return
  const ours = entry.part === 'file' ? text : findOrientation(text)
  if (ours === undefined) return
  if (hashOf(ours) !== entry.sha256) {
    draft.kept.add(entry.path)
    return
  }
  const agent = findAgent(entry.agents[0] ?? '')
  const rest =
    entry.part === 'block' && agent !== undefined ? withoutOrientation(text, entry.gap, agent) : undefined
  if (rest === undefined) draft.deletes.add(entry.path)
  else draft.writes.set(entry.path, rest)
}

function withDraft(existing: ReadonlyMap<string, string>, draft: Draft): ReadonlyMap<string, string> {
  const after = new Map([...existing, ...draft.writes])
  for (const path of draft.deletes) after.delete(path)
  return after
}

function finish(facts: AgentFacts, draft: Draft): FilesPlan {
  const { root } = facts.project
  const links = facts.brokenLinks
  // A link must go before a file is written in its place: writing would follow it.
  const removals: Change[] = [...links, ...draft.deletes].map(path => ({
    kind: 'delete_file',
    path: join(root, path),
  }))
  const writes: Change[] = [...draft.writes].map(([path, content]) => ({
    kind: 'write_file',
    path: join(root, path),
    content,
    expect: links.includes(path) ? null : (facts.existing.get(path) ?? null),
  }))
  const directories: Change[] = emptied([...draft.deletes, ...links], [...draft.writes.keys()]).map(path => ({
    kind: 'delete_file',
    path: join(root, path),
    directory: true,
  }))
  const file = (path: string, action: AgentConfigChange['files'][number]['action']) => ({ path, action })
  const files = [
    ...[...draft.writes.keys()].map(path =>
      file(path, facts.existing.has(path) || links.includes(path) ? 'updated' : 'created'),
    ),
    ...[...draft.deletes, ...links.filter(path => !draft.writes.has(path))].map(path =>
      file(path, 'deleted'),
    ),
    ...[...draft.kept].map(path => file(path, 'kept')),
  ].sort((a, b) => compareCodePoints(a.path, b.path))
  return { changes: [...removals, ...writes, ...manifest(facts, draft), ...directories], files }
}

function manifest(facts: AgentFacts, draft: Draft): readonly Change[] {
  const entries = [...draft.entries.values()].sort((a, b) => compareCodePoints(a.path, b.path))
  const content = printManifest(facts.program.version, entries)
  if (sameText(content, facts.manifestText)) return []
  const path = join(facts.project.root, MANIFEST_PATH)
  return [{ kind: 'write_file', path, content, expect: facts.manifestText ?? null }]
}

/** Directories that may be empty now, deepest first; a directory that holds something is left as it is. */
function emptied(deleted: readonly string[], written: readonly string[]): readonly string[] {
  const found = new Set<string>()
  for (const path of deleted) {
    for (let directory = dirname(path); directory !== '.'; directory = dirname(directory))
      found.add(directory)
  }
  return [...found]
    .filter(directory => !written.some(path => path.startsWith(`${directory}/`)))
    .sort((a, b) => b.length - a.length || compareCodePoints(a, b))
}

/** Agents whose files are there although they are not configured. */
export function orphans(facts: AgentFacts): readonly Agent[] {
  const owned = [...facts.known.values()].filter(entry => facts.existing.has(entry.path))
  return AGENTS.filter(
    agent => !facts.settings.agents.includes(agent) && owned.some(entry => entry.agents.includes(agent.key)),
  )
}
