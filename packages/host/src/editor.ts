/** A text that a person writes in an editor. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machine, shellOf } from './programs.ts'

/** What is left of `draft` when the editor ends, or undefined where it failed. `editor` is a command as a shell reads it. */
export async function editText(editor: string, draft: string): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'spec-kitty-'))
  const path = join(folder, 'feedback.md')
  try {
    writeFileSync(path, draft, { mode: 0o600 })
    const status = await new Promise<number | null>(resolve => {
      const child = spawn(shellOf(machine(process.env)), ['-c', `${editor} "$1"`, 'sh', path], {
        stdio: 'inherit',
      })
      child.on('error', () => resolve(null))
      child.on('close', resolve)
    })
    return status === 0 ? readFileSync(path, 'utf8') : undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
