/** Text in terminal columns: East Asian characters and emoji take two, combining marks none. */

const ZERO = /^[\p{Mn}\p{Me}\u200b-\u200f\u2060]$/u
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u

function widthOf(char: string): number {
  if (char <= '\u02ff') return 1
  return ZERO.test(char) ? 0 : WIDE.test(char) ? 2 : 1
}

export function displayWidth(text: string): number {
  let width = 0
  for (const char of text) width += widthOf(char)
  return width
}

/** At most `columns` wide; what is cut shows as `…`. Control characters become spaces. */
export function fitWidth(text: string, columns: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not reach the terminal
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
  if (displayWidth(line) <= columns) return line
  let out = ''
  let width = 0
  for (const char of line) {
    if (width + widthOf(char) > columns - 1) break
    out += char
    width += widthOf(char)
  }
  return columns < 1 ? '' : `${out.trimEnd()}…`
}

/** `text` broken between words into at most `most` lines; the last one is cut to fit. */
export function wrapWidth(text: string, columns: number, most: number): readonly string[] {
  const lines: string[] = []
  let rest = text.trim()
  while (lines.length < most - 1 && displayWidth(rest) > columns) {
    const cut = breakAt(rest, columns)
    if (cut === 0) break
    lines.push(rest.slice(0, cut).trimEnd())
    rest = rest.slice(cut).trimStart()
  }
  return [...lines, fitWidth(rest, columns)]
}

/** Where the last word that fits ends; 0 when the first one is too long. */
function breakAt(text: string, columns: number): number {
  let cut = 0
  for (const match of text.matchAll(/\s+|$/g)) {
    if (displayWidth(text.slice(0, match.index)) > columns) break
    cut = match.index
  }
  return cut
}
