/** Options of the scripts of package.json: `--help` says what stands at the head of the script, an unknown one is refused. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** `{ values, positionals }` of `process.argv`. Ends the process after `--help`, and with 2 for words it does not know. */
export function readOptions(url, options, allowPositionals = false) {
  const file = fileURLToPath(url)
  const [, head = ''] = /\/\*\*(.{0,4000}?)\*\//s.exec(readFileSync(file, 'utf8')) ?? []
  const usage = head.replace(/^[ \t]*\*? ?/gm, '').trim()
  const end = (status, text) => {
    ;(status === 0 ? process.stdout : process.stderr).write(`${text}\n`)
    process.exit(status)
  }
  const help = { help: { type: 'boolean', short: 'h' } }
  try {
    const found = parseArgs({ allowPositionals, options: { ...options, ...help } })
    return found.values.help ? end(0, usage) : found
  } catch (error) {
    return end(2, `${basename(file, '.mjs')}: ${error.message.split('.')[0]}\n\n${usage}`)
  }
}

/** A number of an option; refused where it is none. */
export function number(name, text) {
  if (/^\d+$/.test(text)) return Number(text)
  process.stderr.write(`--${name} takes a number, not ${text}\n`)
  return process.exit(2)
}
