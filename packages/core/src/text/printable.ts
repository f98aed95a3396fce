/** Foreign text for a terminal or an agent's prompt: it can be read there, but steers nothing. */

/**
 * Control characters except line ends and tabs, characters that change the direction of the text around them, and the
 * invisible twins of ASCII.
 */
const STEERING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\r(?!\n)|\udb40[\udc00-\udc7f]/

const ALL_STEERING = new RegExp(STEERING, 'g')

/** The text with such characters written out, as in `\u001b`: in a JSON document it means the same as before. */
export function printable(text: string): string {
  return STEERING.test(text) ? text.replace(ALL_STEERING, written) : text
}

function written(sign: string): string {
  return sign
    .split('')
    .map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}
