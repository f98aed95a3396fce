/** Text that is not UTF-8, made readable: what old editors of Windows left behind. Pure. */

export interface Repaired {
  readonly text: string
  /** What was replaced, by line. */
  readonly problems: readonly { readonly line: number; readonly message: string }[]
}

/** Typography of word processors → ASCII. */
const PLAIN: Readonly<Record<string, string>> = {
  '\u2018': "'",
  '\u2019': "'",
  '\u201a': "'",
  '\u201c': '"',
  '\u201d': '"',
  '\u201e': '"',
  '\u2013': '--',
  '\u2014': '---',
  '\u00b1': '+/-',
  '\u00d7': 'x',
  '\u00f7': '/',
  '\u2026': '...',
  '\u2022': '*',
  '\u2023': '>',
  '\u00b0': ' degrees',
  '\u00a0': ' ',
  '\u2122': '(TM)',
  '\u00a9': '(C)',
  '\u00ae': '(R)',
}
/** Windows-1252 from 0x80 to 0x9f; Node 20 reads these as Latin-1. Unassigned bytes stay control characters. */
const WINDOWS_1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178'
const TYPOGRAPHY = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'g')

/** True when the bytes are UTF-8 throughout. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

/**
 * Reads bytes as UTF-8 and each byte that is none as Windows-1252; typography among those becomes plain ASCII. What is
 * UTF-8 stays as it is, unless `ascii` asks to replace typography everywhere.
 */
export function repairEncoding(bytes: Uint8Array, ascii: boolean): Repaired {
  const problems: { line: number; message: string }[] = []
  let line = 1
  const parts = segments(bytes).map(({ start, end, valid }) => {
    const piece = bytes.subarray(start, end)
    if (valid) {
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(piece)
      const found = ascii ? typography(text, line) : []
      problems.push(...found)
      line += text.split('\n').length - 1
      return ascii ? toPlain(text) : text
    }
    const text = toPlain([...piece].map(windowsChar).join(''))
    const hex = [...piece].map(byte => `0x${byte.toString(16).padStart(2, '0')}`).join(' ')
    problems.push({
      line,
      message: `${hex} is not UTF-8; read as Windows-1252 it is ${JSON.stringify(text)}`,
    })
    return text
  })
  return { text: parts.join(''), problems }
}

function windowsChar(byte: number): string {
  return WINDOWS_1252[byte - 0x80] ?? String.fromCharCode(byte)
}

function toPlain(text: string): string {
  return text.replace(TYPOGRAPHY, char => PLAIN[char] ?? char)
}

function typography(text: string, firstLine: number): Repaired['problems'] {
  return text.split('\n').flatMap((row, i) => {
    const found = [...new Set(row.match(TYPOGRAPHY) ?? [])]
    return found.map(char => ({
      line: firstLine + i,
      message: `U+${char.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')} becomes ${JSON.stringify(PLAIN[char])}`,
    }))
  })
}

interface Segment {
  readonly start: number
  readonly end: number
  readonly valid: boolean
}

/** Runs of UTF-8 and runs of other bytes, in order. */
function segments(bytes: Uint8Array): readonly Segment[] {
  const found: { start: number; end: number; valid: boolean }[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    const valid = length > 0
    const end = at + Math.max(1, length)
    const last = found.at(-1)
    if (last?.valid === valid) last.end = end
    else found.push({ start: at, end, valid })
    at = end
  }
  return found
}

/** Bytes of the UTF-8 sequence that begins at `at`; 0 when none does. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
  return length > 0 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0
}
