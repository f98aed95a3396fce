/** Colour and width of the terminal. Plain when stdout is no terminal or NO_COLOR is set. */
import type { Paint } from '@spec-kitty/core/board/kanban'

export type Style = Paint

/** `columns` of the terminal; text functions add SGR sequences only when `color` is true. */
export function createStyle(color: boolean, columns: number): Style {
  const paint =
    (open: number, close: number) =>
    (text: string): string =>
      color && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text
  return {
    columns,
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  }
}
