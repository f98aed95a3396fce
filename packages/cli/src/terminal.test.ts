import { EventEmitter } from 'node:events'
import type { ReadStream, WriteStream } from 'node:tty'
import { expect, it } from 'vitest'
import { openTerminal } from './terminal.ts'

/** Two ends of a terminal that remember what is done to them. */
function ends() {
  const written: string[] = []
  const raw: boolean[] = []
  const input = Object.assign(new EventEmitter(), {
    setRawMode: (on: boolean) => void raw.push(on),
    resume: () => {},
    pause: () => {},
  })
  const output = Object.assign(new EventEmitter(), {
    columns: 40,
    rows: 10,
    write: (text: string) => void written.push(text),
  })
  return { input, output, written, raw }
}

it('takes the screen, draws, lends it and gives it back as it was', async () => {
  const { input, output, written, raw } = ends()
  const terminal = openTerminal(input as unknown as ReadStream, output as unknown as WriteStream)
  terminal.draw(['a', 'b'])
  expect(await terminal.aside(async () => [...raw])).toEqual([true, false])
  await expect(terminal.aside(() => Promise.reject(new Error('no editor')))).rejects.toThrow('no editor')
  terminal.close()
  expect(raw).toEqual([true, false, true, false, true, false])
  expect(written[0]).toBe('\u001b[?1049h\u001b[?25l')
  expect(written[1]).toBe('\u001b[Ha\u001b[K\r\nb\u001b[K\u001b[J')
  expect(written.at(-1)).toBe('\u001b[?25h\u001b[?1049l')
})

it('hears keys by name, several at once, and a new size', () => {
  const { input, output } = ends()
  const terminal = openTerminal(input as unknown as ReadStream, output as unknown as WriteStream)
  const keys: string[] = []
  let resized = 0
  terminal.onKey(key => keys.push(key))
  terminal.onResize(() => {
    resized += 1
  })
  for (const text of ['\u001b[A', 'jk', '\r', '\u001b', ' ', '\u0003', 'x'])
    input.emit('data', Buffer.from(text))
  Object.assign(output, { columns: 0, rows: 0 }).emit('resize')
  expect(keys).toEqual(['up', 'down', 'up', 'enter', 'escape', 'page down', 'q', 'x'])
  expect([resized, terminal.columns, terminal.rows]).toEqual([1, 80, 24])
})
