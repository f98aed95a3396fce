/** Ends taken off a text, in one walk from the end: a pattern with `+$` begins anew at every character of every run. */

/** The text without any of `characters` at its end. */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length
  while (end > 0 && characters.includes(text[end - 1] ?? '')) end--
  return text.slice(0, end)
}
