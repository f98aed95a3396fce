/** File contents in the object store. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseSha, type Sha } from '@spec-kitty/contracts/ids'
import { type RunGit, textOf } from './run.ts'
import { shaOf } from './trees.ts'

/** Contents of `rev:path` specifications, undefined where absent or not a file. One process. */
export async function readBlobs(
  run: RunGit,
  cwd: string,
  specs: readonly string[],
): Promise<readonly (Uint8Array | undefined)[]> {
  if (specs.length === 0) return []
  // The protocol is line by line; a name with a line end cannot be asked for and so cannot be found.
  const asked = specs.filter(spec => !spec.includes('\n'))
  const input = asked.map(spec => `${spec}\n`).join('')
  const { bytes } = await run({ cwd, args: ['cat-file', '--batch'], input })
  const found = new Map<string, Uint8Array>()
  let at = 0
  for (const spec of asked) {
    const end = bytes.indexOf(0x0a, at)
    const header = /^[0-9a-f]+ (\w+) (\d+)$/.exec(bytes.toString('utf8', at, end))
    at = end + 1
    if (!header) continue
    const size = Number(header[2])
    if (header[1] === 'blob') found.set(spec, bytes.subarray(at, at + size))
    at += size + 1
  }
  return specs.map(spec => found.get(spec))
}

/** Stores contents as they are (no line end conversion). One process. */
export async function writeBlobs(
  run: RunGit,
  cwd: string,
  contents: readonly Uint8Array[],
): Promise<readonly Sha[]> {
  const [only] = contents
  if (only === undefined) return []
  if (contents.length === 1) {
    return [shaOf(await run({ cwd, args: ['hash-object', '-w', '--stdin'], input: only, writes: true }))]
  }
  const scratch = mkdtempSync(join(tmpdir(), 'spec-kitty-blobs-'))
  try {
    const paths = contents.map((content, i) => {
      const path = join(scratch, String(i))
      writeFileSync(path, content)
      return path
    })
    const args = ['hash-object', '-w', '--no-filters', '--stdin-paths']
    const answer = await run({ cwd, args, input: `${paths.join('\n')}\n`, writes: true })
    return textOf(answer)
      .split('\n')
      .flatMap(line => parseSha(line) ?? [])
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
