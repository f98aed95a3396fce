/** Line ends: a checkout of Git for Windows has CRLF where the repository has LF, and means the same. */

/** The text with LF alone. */
export function withLf(text: string): string {
  return text.replaceAll('\r\n', '\n')
}

/** Whether two texts differ in nothing but line ends. */
export function sameText(a: string | undefined, b: string | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && withLf(a) === withLf(b))
}

/** `text` with the line ends that `like` has. */
export function withLineEndsOf(text: string, like: string): string {
  return like.includes('\r\n') ? withLf(text).replaceAll('\n', '\r\n') : text
}
