/** The whole screen of a terminal: drawn line by line, and the keys that are pressed. What is left of it is what was there. */
import type { ReadStream, WriteStream } from 'node:tty'

export interface Terminal {
  readonly columns: number
  readonly rows: number
  /** At most as many lines as there are rows; each must fit. */
  readonly draw: (lines: readonly string[]) => void
  /** Hears `up`, `down`, `enter`, `escape`, or the letter. */
  readonly onKey: (listener: (key: string) => void) => void
  readonly onResize: (listener: () => void) => void
  /** Gives the screen to another program, such as an editor, for as long as `act` takes. */
  readonly aside: <T>(act: () => Promise<T>) => Promise<T>
  readonly close: () => void
}

const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'
const KEYS: Readonly<Record<string, string>> = {
  '\u001b[A': 'up',
  '\u001b[B': 'down',
  '\u001bOA': 'up',
  '\u001bOB': 'down',
  '\u001b[5~': 'page up',
  '\u001b[6~': 'page down',
  '\u001b': 'escape',
  '\r': 'enter',
  '\n': 'enter',
  ' ': 'page down',
  '\u0003': 'q',
  k: 'up',
  j: 'down',
}

/** Takes the screen. `close` gives it back, and must be called whatever happens. */
export function openTerminal(input: ReadStream, output: WriteStream): Terminal {
  let heard = (_key: string): void => {}
  const enter = (): void => {
    output.write(ENTER)
    input.setRawMode(true)
    input.resume()
  }
  const leave = (): void => {
    input.setRawMode(false)
    input.pause()
    output.write(LEAVE)
  }
  input.on('data', (data: Buffer) => {
    const text = data.toString('utf8')
    const whole = KEYS[text]
    // Several keys at once, when somebody is faster than we are.
    for (const key of whole === undefined && !text.startsWith('\u001b') ? text : [text])
      heard(KEYS[key] ?? key)
  })
  enter()
  return {
    get columns() {
      return output.columns || 80
    },
    get rows() {
      return output.rows || 24
    },
    // Each line is written over and its rest cleared: a screen that is cleared first flickers.
    draw: lines => void output.write(`\u001b[H${lines.map(line => `${line}\u001b[K`).join('\r\n')}\u001b[J`),
    onKey: listener => {
      heard = listener
    },
    onResize: listener => void output.on('resize', listener),
    aside: async act => {
      leave()
      try {
        return await act()
      } finally {
        enter()
      }
    },
    close: leave,
  }
}
