/** The program: the only file that knows the process. */
import { writeSync } from 'node:fs'
import { main } from './main.ts'
import { createStyle, type Style } from './style.ts'

/** Writes all of `text` before it returns, pipes included: an exit must not cut a JSON document short. False when nobody reads. */
function write(fd: 1 | 2, text: string): boolean {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') return false
      if (code !== 'EAGAIN') throw error
    }
  }
  return true
}

/** Loaded when asked: most calls come from programs. */
function isTerminal(fd: number): boolean {
  return process.getBuiltinModule('node:tty').isatty(fd)
}

/** Made when something is printed for a person. The streams themselves cost 3 ms: only a terminal is asked for its width. */
function terminalStyle(fd: 1 | 2): Style {
  const { env } = process
  const terminal = isTerminal(fd)
  const color = terminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb'
  const own = () => (fd === 1 ? process.stdout : process.stderr).columns
  // Whoever sets COLUMNS wants the answer so wide, wherever it goes.
  const columns = terminal || fd === 1 ? Number(env.COLUMNS) || (terminal ? own() : 0) : 0
  return createStyle(color, columns || 80, columns > 0)
}

let style: Style | undefined
let errorStyle: Style | undefined

main(process.argv.slice(2), {
  out: text => write(1, text),
  err: text => void write(2, text),
  get style() {
    style ??= terminalStyle(1)
    return style
  },
  get errorStyle() {
    errorStyle ??= terminalStyle(2)
    return errorStyle
  },
  interactive: () => isTerminal(0) && isTerminal(1),
  terminal: async () => (await import('./terminal.ts')).openTerminal(process.stdin, process.stdout),
  ports: async note => (await import('@spec-kitty/host/ports')).createPorts({ note }),
}).then(
  status => {
    // At once: everything is written, and a name look-up that sync gave up on must not hold the process.
    process.exit(status)
  },
  (error: unknown) => {
    write(2, `Error: ${String(error)}\n`)
    process.exitCode = 1
  },
)
