/** Text in terminal columns: East Asian characters and emoji take two, combining marks none. */

type Range = readonly [first: number, last: number]

/** The combining marks people meet, joiners and variation selectors. Tables, because a Unicode class costs milliseconds to compile. */
const ZERO: readonly Range[] = [
  [0x300, 0x36f],
  [0x483, 0x489],
  [0x591, 0x5bd],
  [0x64b, 0x65f],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x200b, 0x200f],
  [0x2060, 0x2060],
  [0x20d0, 0x20ff],
  [0xfe00, 0xfe0f],
  [0xfe20, 0xfe2f],
]
const WIDE: readonly Range[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
]

function widthOf(char: string): number {
  const code = char.codePointAt(0) ?? 0
  if (code < 0x300) return 1
  const inside = ([first, last]: Range): boolean => code >= first && code <= last
  return ZERO.some(inside) ? 0 : WIDE.some(inside) ? 2 : 1
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
