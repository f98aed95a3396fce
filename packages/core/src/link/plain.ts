/** Foreign text made safe for a terminal and a log line. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what is looked for
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-_])/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g
const SECRETS =
  /\b(Bearer\s+)[\w.~+/=-]+|\b((?:access_token|refresh_token|ws_token|device_code|code_verifier|token)["']?\s*[=:]\s*["']?)[^\s"'&,}]+/gi

/**
 * One line without escape sequences, control or direction characters and without anything that looks like a
 * token, cut to `limit` characters.
 */
export function plain(text: string, limit: number): string {
  const line = text
    // Far more than is shown, so that a huge body costs nothing.
    .slice(0, limit * 8)
    .replace(ESCAPES, '')
    .replace(CONTROLS, ' ')
    .replace(SECRETS, (_, bearer?: string, key?: string) => `${bearer ?? key ?? ''}[hidden]`)
    .replace(/ {2,}/g, ' ')
    .trim()
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line
}
