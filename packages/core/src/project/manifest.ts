/** `.kittify/manifest.json`: what we wrote into the project, so that it can be refreshed and removed. */
import {
  isArray,
  isObject,
  type JsonObject,
  NotJson,
  parseJson,
  printOrdered,
} from '@spec-kitty/contracts/json'
import { withLf } from '../text/line-ends.ts'
import { sha256 } from '../text/sha256.ts'

export const MANIFEST_PATH = '.kittify/manifest.json'

export interface ManifestEntry {
  /** Relative to the project. */
  readonly path: string
  /** For whom; one file may serve several agents. */
  readonly agents: readonly string[]
  /** The whole file is ours, or a marked block in a file of the user's. */
  readonly part: 'file' | 'block'
  /** Of our part as we wrote it: a difference means that somebody edited it. */
  readonly sha256: string
  /** Of a block in a file that was there before: the line ends we put in front of it. Absent: we made the file. */
  readonly gap?: string
}

export function manifestEntry(
  path: string,
  agents: readonly string[],
  part: ManifestEntry['part'],
  text: string,
): ManifestEntry {
  return { path, agents, part, sha256: hashOf(text) }
}

/** SHA-256 of a text's UTF-8 bytes, in hexadecimal; line ends of a checkout do not count. */
export function hashOf(text: string): string {
  return sha256(withLf(text))
}

export function printManifest(version: string, entries: readonly ManifestEntry[]): string {
  const files = entries.map(({ path, agents, part, sha256, gap }) => ({
    path,
    agents: [...agents],
    part,
    sha256,
    ...(gap === undefined ? {} : { gap }),
  }))
  return printOrdered({ version: 1, spec_kitty_version: version, files })
}

/** The entries of a manifest, by path; none for a missing or unreadable one: then nothing counts as ours. */
export function readManifest(text: string | undefined): ReadonlyMap<string, ManifestEntry> {
  const entries = listOf(text, 'files').flatMap(item => entryOf(item, 'path', 'sha256'))
  return new Map(entries.map(entry => [entry.path, entry]))
}

/** The same from `.kittify/command-skills-manifest.json`, where the Python edition notes its command skills. */
export function readPythonManifest(text: string | undefined): ReadonlyMap<string, ManifestEntry> {
  const entries = listOf(text, 'entries').flatMap(item => entryOf(item, 'path', 'content_hash'))
  return new Map(entries.map(entry => [entry.path, entry]))
}

function listOf(text: string | undefined, key: string): readonly JsonObject[] {
  if (text === undefined) return []
  try {
    const value: unknown = parseJson(text)
    const list = isObject(value) ? value[key] : undefined
    return isArray(list) ? list.filter(isObject) : []
  } catch (error) {
    if (error instanceof NotJson) return []
    throw error
  }
}

function entryOf(item: JsonObject, pathKey: string, hashKey: string): ManifestEntry[] {
  const path = item[pathKey]
  const hash = item[hashKey]
  if (typeof path !== 'string' || typeof hash !== 'string' || !isOurPlace(path)) return []
  const agents = isArray(item.agents) ? item.agents.filter(key => typeof key === 'string') : []
  return [
    {
      path,
      agents,
      part: item.part === 'block' ? 'block' : 'file',
      sha256: hash.replace(/^sha256:/, ''),
      ...(typeof item.gap === 'string' ? { gap: item.gap } : {}),
    },
  ]
}

/** A manifest comes with the repository, so it may say anything: it never names a file outside the project. */
function isOurPlace(path: string): boolean {
  return (
    !path.startsWith('/') &&
    !path.split(/[/\\]/).some(part => part === '..' || part === '' || part === '.git')
  )
}
