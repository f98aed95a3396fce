/** One word for a POSIX shell: what we tell people to paste must work with any path. Plain words stay plain. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
