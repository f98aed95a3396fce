/** What an index holds, without the times that a mere look at the files refreshes (gitformat-index(5)). */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'

const HEADER = 12
const FIXED = 62

/** `mode id stage path`, in the order of git. Empty when there is no index or one that is being written. */
export function indexEntries(path: string): readonly string[] {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch {
    return []
  }
  if (bytes.length < HEADER || bytes.toString('latin1', 0, 4) !== 'DIRC') return []
  if (bytes.readUInt32BE(4) > 3 || bytes.includes('link\0')) return asked(path)
  const entries: string[] = []
  let at = HEADER
  for (let left = bytes.readUInt32BE(8); left > 0; left--) {
    const flags = bytes.readUInt16BE(at + 60)
    const start = at + FIXED + ((flags & 0x4000) === 0 ? 0 : 2)
    const end = bytes.indexOf(0, start)
    const mode = bytes.readUInt32BE(at + 24).toString(8)
    const id = bytes.toString('hex', at + 40, at + 60)
    entries.push(`${mode} ${id} ${(flags >> 12) & 3} ${bytes.toString('utf8', start, end)}`)
    at += (end - at + 8) & ~7
  }
  return entries
}

/** Of an index whose paths are packed, or that has a part elsewhere. */
function asked(path: string): readonly string[] {
  const env = { ...process.env, GIT_DIR: dirname(path), GIT_INDEX_FILE: path }
  const { stdout } = spawnSync('git', ['ls-files', '--stage', '-z'], { env, encoding: 'utf8' })
  const rows = stdout.split('\0').filter(row => row !== '')
  return rows.map(row => row.replace('\t', ' '))
}
