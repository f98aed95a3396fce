/** Lines that fit the terminal: broken between words, never inside a command, the rest under the beginning. */

/**
 * A command of ours or of git, to the end of its line or backquotes: it can be copied only whole. Those with names of
 * everyday words stand at the beginning or behind a mark: `your name in git goes on record` is a sentence.
 */
const UNIT = /`[^`]*`\S*|(?<=^|[\s:(])spec-kitty \S.*|(?<=^|[:(→] ?)(?:git|cd|export|rm|mv|printf) \S.*|\S+/g

/** `columns` of the terminal, at least 20. Text that fits stays as it is. */
export function wrap(text: string, columns: number): string {
  return text
    .split('\n')
    .map(line => (line.length > columns && width(line) > columns ? fold(line, Math.max(columns, 20)) : line))
    .join('\n')
}

function fold(line: string, columns: number): string {
  const start = lead(line)
  // A column of names with their explanation, a list, or an indented line: the rest stands under its text.
  const hang = width(start) <= (columns * 2) / 3 ? ' '.repeat(width(start)) : '    '
  const out: string[] = []
  let current = start
  let filled = false
  for (const [unit] of line.slice(start.length).matchAll(UNIT)) {
    if (filled && width(current) + 1 + width(unit) > columns) {
      out.push(current)
      current = hang + unit
    } else {
      current = filled ? `${current} ${unit}` : current + unit
    }
    filled = true
  }
  return [...out, current].join('\n')
}

/** What stands before the text of a line: indent, a label, and a name with at least two blanks behind it or a mark of a list. */
function lead(line: string): string {
  return (
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences of colours
    /^(?:\u001b\[[\d;]*m)?(?:Error|Warning|Note):(?:\u001b\[[\d;]*m)? /.exec(line)?.[0] ??
    /^\s*\S(?:[^\s]| (?! ))* {2,}(?=\S)/.exec(line)?.[0] ??
    /^\s*(?:(?:[-*·✓$]|\d+\.) )?/.exec(line)?.[0] ??
    ''
  )
}

/** Columns, rather too many than too few: colours take none, what may be wide takes two. */
function width(text: string): number {
  let columns = 0
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences of colours
  for (const sign of text.replace(/\u001b\[[\d;]*m/g, '')) columns += sign >= '\u1100' && sign !== '…' ? 2 : 1
  return columns
}
