/** The program: the only file that knows the process. */
import { writeSync } from 'node:fs'
import { main } from './main.ts'
import { createStyle } from './style.ts'

/** Writes all of `text` before it returns, pipes included: an exit must not cut a JSON document short. */
function write(fd: 1 | 2, text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') return
      if (code !== 'EAGAIN') throw error
    }
  }
}

const { env, stdout, stdin, argv } = process
const color = (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb' && stdout.isTTY === true
const columns = Number(env.COLUMNS) || stdout.columns || 80

main(argv.slice(2), {
  out: text => write(1, text),
  err: text => write(2, text),
  style: createStyle(color, columns),
  interactive: stdin.isTTY === true && stdout.isTTY === true,
  ports: async note => (await import('@spec-kitty/host/ports')).createPorts({ note }),
}).then(
  status => {
    process.exitCode = status
  },
  (error: unknown) => {
    write(2, `Error: ${String(error)}\n`)
    process.exitCode = 1
  },
)
