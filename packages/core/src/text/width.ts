/** Text in terminal columns: East Asian characters and emoji take two, combining marks none. */
import { eastAsianWidth } from 'get-east-asian-width'

// Made when first needed: plain ASCII, nearly every title, needs neither segments nor tables.
let segmenter: Intl.Segmenter | undefined

/** What a reader takes for one character each: an emoji of several code points is one. */
function characters(text: string): readonly string[] {
  if (isAscii(text)) return [...text]
  segmenter ??= new Intl.Segmenter()
  return [...segmenter.segment(text)].map(({ segment }) => segment)
}

function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text)
}

function widthOf(character: string): number {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x300 && character.length === 1) return 1
  // A variation selector or a second flag letter makes a picture of it.
  if (/\ufe0f|^[\u{1f1e6}-\u{1f1ff}]{2}/u.test(character)) return 2
  return /^[\p{M}\p{Cf}]+$/u.test(character) ? 0 : eastAsianWidth(code)
}

export function displayWidth(text: string): number {
  if (isAscii(text)) return text.length
  return characters(text).reduce((width, character) => width + widthOf(character), 0)
}

/** At most `columns` wide; what is cut shows as `…`. Control characters become spaces. */
export function fitWidth(text: string, columns: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not reach the terminal
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
  if (displayWidth(line) <= columns) return line
  let out = ''
  let width = 0
  for (const char of characters(line)) {
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
