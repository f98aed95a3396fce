/**
 * Between files of tests: a worker stays small. To start a program takes time with the memory of whoever starts it (3 ms for
 * each 100 MB, twice), and these tests start git ten thousand times.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll } from 'vitest'

/** Bytes. */
const ENOUGH = 110_000_000

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

afterAll(() => {
  if (process.memoryUsage.rss() > ENOUGH) collect()
})
