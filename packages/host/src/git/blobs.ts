/** File contents in the object store. */
import type { RunGit } from './run.ts'

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
