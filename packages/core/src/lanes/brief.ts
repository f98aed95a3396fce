/** What the prompts for implementers and reviewers share: sections, and a budget of bytes. */
import { printable } from '../text/printable.ts'

/** A prompt never costs the agent more than this. */
export const PROMPT_BYTES = 6000

/** Length in UTF-8. */
export function byteLength(text: string): number {
  let bytes = 0
  for (const sign of text) {
    const code = sign.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}

/** As many whole lines as fit, with a last line that says where the rest is. */
export function fit(text: string, bytes: number, more: string): string {
  const trimmed = text.trim()
  if (byteLength(trimmed) <= bytes) return trimmed
  const lines: string[] = []
  let room = bytes - byteLength(more) - 1
  for (const line of trimmed.split('\n')) {
    room -= byteLength(line) + 1
    if (room < 0) break
    lines.push(line)
  }
  return [...lines, more].join('\n').trim()
}

/** `## Title` with its text; nothing at all for an empty text. */
export function section(title: string, text: string): string {
  // The first line may be indented: a command to be copied.
  return text.trim() === '' ? '' : `## ${title}\n\n${text.replace(/^\n+/, '').trimEnd()}\n`
}

/**
 * Joins the parts and gives the named one what room the others leave, so that the whole keeps the budget.
 * Text of the repository steers nothing in it.
 * `flexible` gets the number of bytes it may use.
 */
export function compose(
  before: readonly string[],
  flexible: (bytes: number) => string,
  after: readonly string[],
): string {
  const joined = (middle: string): string =>
    [...before, middle, ...after].filter(part => part !== '').join('\n')
  const room = PROMPT_BYTES - byteLength(joined('')) - 2
  return printable(`${joined(flexible(Math.max(room, 0))).trimEnd()}\n`)
}

/** The first `limit` of a list, one a line, and how many more there are. */
export function bullets(items: readonly string[], limit: number): string {
  const shown = items.slice(0, limit).map(item => `- ${item}`)
  const rest = items.length - shown.length
  return [...shown, ...(rest > 0 ? [`- … and ${rest} more`] : [])].join('\n')
}

/** A work package's text without its title (the prompt has one) and without its activity log. */
export function instructions(body: string): string {
  const log = /^## Activity Log\b/m.exec(body)
  const text = log === null ? body : body.slice(0, log.index)
  return text
    .replace(/\r\n/g, '\n')
    .trim()
    .replace(/^# [^\n]*\n/, '')
    .trim()
}
