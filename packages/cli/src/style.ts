/** Colour and width of the terminal. Plain when stdout is no terminal or NO_COLOR is set. */
import type { Paint } from '@spec-kitty/core/board/kanban'
import { printable } from '@spec-kitty/core/text/printable'

export interface Style extends Paint {
  /** Text as the terminal gets it: everything that could steer it is written out, except what this style painted. */
  readonly shown: (text: string) => string
  /** The width is that of a terminal, or wished for: longer lines are broken. */
  readonly wraps: boolean
}

/** `columns` of the terminal; text functions add SGR sequences only when `color` is true. */
export function createStyle(color: boolean, columns: number, wraps = false): Style {
  // Our sequences carry a number that no file can know, until they are shown.
  const seal = color ? crypto.getRandomValues(new Uint32Array(3)).join('') : ''
  const ours = new RegExp(`\\\\u001b\\[(\\d+);${seal}m`, 'g')
  const paint =
    (open: number, close: number) =>
    (text: string): string =>
      color && text !== '' ? `\u001b[${open};${seal}m${text}\u001b[${close};${seal}m` : text
  return {
    shown: text => (color ? printable(text).replace(ours, '\u001b[$1m') : printable(text)),
    columns,
    wraps,
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  }
}
