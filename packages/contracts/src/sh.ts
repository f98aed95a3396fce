/**
 * Remedies: text that people and agents paste into a shell without a thought. Words that are not ours (names, paths,
 * branches of a repository) are quoted in it, so that pasting runs our command and nothing else.
 */

declare const safe: unique symbol

/** One sentence or command in which every foreign word is quoted. Only `sh` and its friends here make one. */
export type Remedy = string & { readonly [safe]: true }

/** What may stand in `${…}`: a word, words of one command line, or a piece that is safe already. */
type Insert = string | number | readonly string[] | Piece

interface Piece {
  readonly piece: Remedy
}

/**
 * Makes a remedy. A string or number is quoted as one word, a list as several with blanks between them; `part` and
 * `listed` insert what is safe already. No `${…}` stands inside quotes or backquotes of the text (tests/remedies.test.ts).
 */
export function sh(text: TemplateStringsArray, ...inserts: readonly Insert[]): Remedy {
  let line = text[0] ?? ''
  for (const [i, insert] of inserts.entries()) {
    const more = text[i + 1] ?? ''
    // No words leave no second blank.
    if (!isNothing(insert)) line += inserted(insert) + more
    else line = more === '' ? line.trimEnd() : line + more.replace(/^ /, '')
  }
  return line as Remedy
}

function isNothing(insert: Insert): boolean {
  return typeof insert === 'object' && 'length' in insert && insert.length === 0
}

function inserted(insert: Insert): string {
  if (typeof insert === 'string') return shellQuote(insert)
  if (typeof insert === 'number') return String(insert)
  if ('piece' in insert) return insert.piece
  return insert.map(shellQuote).join(' ')
}

/** A remedy as a part of another. */
export function part(remedy: Remedy): Piece {
  return { piece: remedy }
}

/** Words for a sentence, with commas between them. */
export function listed(words: readonly string[]): Piece {
  return part(words.map(shellQuote).join(', ') as Remedy)
}

/** Several remedies in one, with `separator` (text of ours) between them. */
export function joined(remedies: readonly Remedy[], separator: string): Remedy {
  return remedies.join(separator) as Remedy
}

/** One word for a POSIX shell. Plain words stay plain. */
function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
