/** What a command line has around it: where its words go and how it reaches the world. */
import type { Ports } from '@spec-kitty/core/world/ports'
import type { Style } from './style.ts'
import type { Terminal } from './terminal.ts'

export interface Io {
  /** False when nobody reads any more. */
  readonly out: (text: string) => unknown
  readonly err: (text: string) => void
  readonly style: Style
  /** The same of stderr, which may be another terminal or none. */
  readonly errorStyle: Style
  readonly interactive: () => boolean
  /** The whole screen and its keys. */
  readonly terminal: () => Promise<Terminal>
  /** Made when a command runs: `--version` and `--help` need no ports. */
  readonly ports: (note: (line: string) => void) => Promise<Ports>
}
