/** `.kittify/manifest.json`: what we wrote into the project, so that it can be refreshed and removed (decision P7). */
import { printOrdered } from '@spec-kitty/contracts/json'
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
}

export function manifestEntry(
  path: string,
  agents: readonly string[],
  part: ManifestEntry['part'],
  text: string,
): ManifestEntry {
  return { path, agents, part, sha256: sha256(new TextEncoder().encode(text)) }
}

export function printManifest(version: string, entries: readonly ManifestEntry[]): string {
  const files = entries.map(entry => ({ ...entry, agents: [...entry.agents] }))
  return printOrdered({ version: 1, spec_kitty_version: version, files })
}
